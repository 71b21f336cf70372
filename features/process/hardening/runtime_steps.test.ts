import inspector from "node:inspector";
import process from "node:process";
import { afterEach, expect, it, vi } from "vitest";
import { refuseInspector } from "./runtime_steps.ts";

afterEach(() => {
  vi.restoreAllMocks();
  inspector.close();
});

it("closes an inspector also where a program has replaced getBuiltinModule since", () => {
  inspector.open(0, "127.0.0.1");
  expect(inspector.url()).toMatch(/^ws:/);
  vi.spyOn(process, "getBuiltinModule").mockReturnValue({ url: () => undefined } as never);
  // "bun": no listener of SIGUSR1 stays in the process of the tests.
  expect(refuseInspector("bun")).toMatchObject({ outcome: "done" });
  expect(inspector.url()).toBe(undefined);
});
