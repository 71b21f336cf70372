import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { INSTALLED, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { boundNow } from "./bound_now.ts";

const PROBE = fileURLToPath(new URL("../../testing/system/bound_now_probe.ts", import.meta.url));
const SOURCE = fileURLToPath(new URL("../../testing/system/lazy_binding.c", import.meta.url));
const EXEC_PATH = fileURLToPath(new URL("../../testing/system/exec_path.ts", import.meta.url));
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
    const [before = "", during = ""] = stderr.split("## loaded\n");
    const modules = (text: string): readonly string[] => [
      ...new Set([...text.matchAll(FOUND)].map(([, file = ""]) => file.replace(/.*\//, ""))),
    ];
    expect(modules(before)).toEqual(expect.arrayContaining(["koffi.node", "sodium-native.node"]));
    expect(modules(during).filter((name) => name.endsWith(".node"))).toEqual([]);
  },
);

const hasReadelf = spawnSync("readelf", ["--version"]).status === 0;

it
  .skipIf(process.platform !== "linux" || !hasReadelf)
  .each(INSTALLED.filter((name) => SOAK || name === "node-24"))(
  `${hasReadelf ? "" : "NOT RUN, readelf(1) is not installed: "}%s is linked without lazy binding, but for Bun`,
  (name) => {
    const [file = "", ...words] = [...(RUNTIMES[name] ?? []), EXEC_PATH];
    const program = spawnSync(file, words, { encoding: "utf8" }).stdout.trim();
    const { stdout } = spawnSync("readelf", ["--dynamic", program], { encoding: "utf8" });
    expect(stdout).toContain("(NEEDED)");
    expect(stdout.includes("BIND_NOW")).toBe(name !== "bun");
  },
);

const compiler =
  spawnSync("cc", ["--version"]).status === 0 ? "" : "NOT RUN, it takes a C compiler: ";

it.skipIf(process.platform !== "linux" || process.arch !== "x64" || compiler !== "")(
  `${compiler}glibc saves registers on the stack at the first call of a function, and not with LD_BIND_NOW`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-binding-"));
    try {
      const program = join(folder, "lazy_binding");
      const { stderr } = spawnSync("cc", ["-Wl,-z,lazy", "-o", program, SOURCE], {
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(spawnSync(program, [], { env: {} }).status).toBe(1);
      expect(spawnSync(program, [], { env: { LD_BIND_NOW: "1" } }).status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
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
