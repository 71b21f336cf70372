import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadedFrom, systemLibrary } from "../../adapters/bun/system_library.ts";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";

const NOT_RUN =
  process.platform !== "linux"
    ? "NOT RUN, it takes Linux: "
    : spawnSync("cc", ["--version"]).status === 0
      ? ""
      : "NOT RUN, it takes a C compiler: ";

/** What is opened by name, on any system; and a name that is nobody's. */
const PLANTED = [
  ...["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libdl.so.2"],
  ...["libSystem.B.dylib", "libplanted.so"],
];
/** With the JIT Bun opens the first name; without it none. */
const ENVIRONMENTS = { "as it is": {}, "without the JIT": { BUN_JSC_useJIT: "0" } };

let folder = "";
beforeAll(() => {
  if (NOT_RUN !== "") return;
  folder = mkdtempSync(join(tmpdir(), "lethe-libraries-"));
  const source = `#include <fcntl.h>
__attribute__((constructor)) static void run(void) { open("${folder}/ran", O_CREAT | O_WRONLY, 0600); }
`;
  writeFileSync(join(folder, "planted.c"), source);
  const built = join(folder, "planted");
  const words = ["-shared", "-fPIC", "-o", built, join(folder, "planted.c")];
  const { status, stderr } = spawnSync("cc", words, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  for (const name of PLANTED) copyFileSync(built, join(folder, name));
});
afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true });
});

const ran = (): boolean => existsSync(join(folder, "ran"));

function run(name: string, script: string, environment: object): string {
  const [file = "", ...words] = [...(RUNTIMES[name] ?? []), script];
  const env = { ...process.env, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1", ...environment };
  const { stdout, stderr } = spawnSync(file, words, { cwd: folder, env, encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return stdout;
}

describe.skipIf(NOT_RUN !== "")(`${NOT_RUN}a library in the current folder`, () => {
  it.each(
    INSTALLED.filter((name) => SOAK || name === "bun").flatMap((name) =>
      Object.entries(ENVIRONMENTS).map(([how, environment]) => ({ name, how, environment })),
    ),
  )("is not opened: $name, $how", ({ name, environment }) => {
    const said = JSON.parse(run(name, `${ROOT}testing/whole/every_library.ts`, environment));
    expect(Object.keys(said.ended)).toEqual(["ffi", "keys", "prompt", "harden"]);
    expect(ran()).toBe(false);
  });

  it.skipIf(!INSTALLED.includes("bun"))("control: Bun itself opens it", () => {
    const script = join(folder, "control.mjs");
    const opened = `require("bun:ffi").dlopen("libplanted.so", { getpid: { args: [], returns: "i32" } })`;
    writeFileSync(script, `try { ${opened}; } catch {} console.log("end");`);
    run("bun", script, {});
    expect(ran()).toBe(true);
    rmSync(join(folder, "ran"));
  });
});

it.each([
  ["glibc", "/usr/lib64/libc.so.6", ["/lib64", "/usr/lib64"]],
  ["glibc before 2.34", "/lib/x86_64-linux-gnu/libc-2.31.so", ["/lib/x86_64-linux-gnu"]],
  ["musl", "/lib/ld-musl-x86_64.so.1", ["/lib"]],
  ["a folder with a space", "/a b/libc.so.6", ["/a b"]],
  ["one that was replaced", "/lib/libc.so.6 (deleted)", ["/lib"]],
])("the folder of the C library is found: %s", (_, path, folders) => {
  const maps = `7f00-7f01 r-xp 00000000 08:01 1    ${path}
7f02-7f03 r-xp 00000000 08:01 2    /home/user/libcurl.so.4
7f04-7f05 rw-p 00000000 00:00 0    [heap]
`;
  expect(loadedFrom(maps)).toEqual(folders);
});

it("a name that is not beside the C library is an error, and a path is taken as it is", () => {
  expect(() => systemLibrary("linux", "libplanted.so")).toThrow(/^libplanted\.so is not beside/);
  expect(systemLibrary("linux", "/opt/libc.so")).toBe("/opt/libc.so");
  expect(systemLibrary("darwin", "libSystem.B.dylib")).toBe("/usr/lib/libSystem.B.dylib");
});
