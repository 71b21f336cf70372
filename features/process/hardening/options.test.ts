import { describe, expect, it } from "vitest";
import { processHardener } from "./harden_process.ts";

describe("the options of hardenProcess", () => {
  it.each([
    ["a text", { require: "core-limit" }, /require must be an array of steps/],
    ["an unknown step", { require: ["core-limit", "no-dump"] }, /each is one of core-limit/],
    ["a step that is not asked for", { require: ["dies-with-parent"] }, /pass diesWithParent/],
    ["another signal", { parentSignal: "SIGTERM" }, /parentSignal must be/],
  ])("are refused before any step is taken: %s", (_name, options, said) => {
    let isTouched = false;
    const hardenProcess = processHardener("node", () => {
      isTouched = true;
      throw new Error("this process was about to be hardened");
    });
    expect(() => hardenProcess(options as never)).toThrow(said);
    expect(isTouched).toBe(false);
  });
});
