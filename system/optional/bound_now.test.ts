import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { boundNow } from "./bound_now.ts";

const PROBE = fileURLToPath(new URL("../../testing/system/bound_now_probe.ts", import.meta.url));
/** What glibc's loader prints of a function that it finds, with LD_DEBUG=bindings (ld.so(8)). */
const FOUND = /binding file (.*) \[0\] to .*: normal symbol/g;

it.skipIf(process.platform !== "linux")(
  "no function that a native module calls is looked for while secrets are used",
  () => {
    const { status, stderr } = spawnSync(process.execPath, ["--no-warnings", PROBE], {
      encoding: "utf8",
      env: { LD_DEBUG: "bindings" },
      maxBuffer: 2 ** 28,
    });
    expect(status).toBe(0);
    const [before = "", meanwhile = ""] = stderr.split("## loaded\n");
    const modules = (text: string): readonly string[] => [
      ...new Set([...text.matchAll(FOUND)].map(([, file = ""]) => file.replace(/.*\//, ""))),
    ];
    expect(modules(before)).toEqual(expect.arrayContaining(["koffi.node", "sodium-native.node"]));
    expect(modules(meanwhile).filter((name) => name.endsWith(".node"))).toEqual([]);
  },
);

it("leaves process.dlopen as it was, also when loading fails", () => {
  const { dlopen } = process;
  expect(() =>
    boundNow(() => {
      expect(process.dlopen).not.toBe(dlopen);
      throw new Error("not there");
    }),
  ).toThrow("not there");
  expect(process.dlopen).toBe(dlopen);
});
