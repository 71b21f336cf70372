/**
 * What is said when sodium-native does not load: each cause made in a project that has a copy of the built
 * package, on each runtime. Each is asked twice, as a loader may give an empty module the second time.
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";

const PROGRAM = `import { openSecrets } from "lethe";
import { openCrypto } from "lethe/crypto";
import { openEnclaves } from "lethe/enclave";
const told = [];
for (let index = 0; index < 2; index += 1) {
  try { told.push(openSecrets({ memory: "sodium" }).memory); } catch (error) { told.push([error.name, error.code, error.message].join(" ")); }
}
const secrets = openSecrets({ memory: "heap" });
for (const use of [() => openCrypto(secrets), () => openEnclaves(secrets).seal(secrets.random(3))]) {
  try { use(); told.push("done"); } catch (error) { told.push([error.name, error.code, error.message].join(" ")); }
}
told.push(JSON.stringify(openSecrets().passedOver));
console.log(JSON.stringify(told));
`;

const bin = (path: string): string => resolve("node_modules", path);
const RUNTIMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "node 22": [bin("node-22/bin/node")],
  "node 24": [bin("node-24/bin/node")],
  "node 26": [bin("node-26/bin/node")],
  deno: [bin("deno/deno"), "run", "--no-prompt", "--allow-ffi", "--allow-read"],
  bun: [bin("bun/bin/bun.exe")],
};
const DEPENDENCIES = [
  "bare-addon-resolve",
  "bare-assert",
  "bare-module-resolve",
  "bare-semver",
  "require-addon",
  "which-runtime",
];

const runtimes = Object.keys(RUNTIMES).filter((name) => SOAK || name === "node 24");
const canMount =
  process.getuid?.() === 0 && spawnSync("/usr/bin/unshare", ["-m", "/bin/true"]).status === 0;
const asRoot = process.getuid?.() === 0 && existsSync("/usr/bin/setpriv");

const folder: string = mkdtempSync(join(tmpdir(), "lethe-sodium-"));
const native: string = join(folder, "node_modules/sodium-native");
const host = `${process.platform}-${process.arch}`;
const binary: string = join(native, `prebuilds/${host}/sodium-native.node`);

function install(name: string): void {
  const target = join(folder, "node_modules", name);
  rmSync(target, { recursive: true, force: true });
  cpSync(join("node_modules", name), target, {
    recursive: true,
    filter: (source) => !source.includes("prebuilds/") || source.includes(host),
  });
}

interface Way {
  /** Stand before the program. */
  readonly wrapper?: readonly string[];
  readonly flags?: readonly string[];
}

/** The one thing that it says of sodium-native, whatever it is asked for. */
function saidOn(runtime: string, { wrapper = [], flags = [] }: Way = {}): string {
  const [program, ...parameters] = RUNTIMES[runtime] ?? [""];
  const [file = "", ...rest] = [...wrapper, program, ...parameters, ...flags, "main.mjs"];
  const { stdout, stderr } = spawnSync(file, rest, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: "/tmp", NO_COLOR: "1" },
  });
  if (stdout === "") throw new Error(stderr);
  const [first = "", second, crypto = "", seal = "", passedOver = ""] = JSON.parse(
    stdout,
  ) as string[];
  expect(second).toBe(first);
  if (first === "sodium") {
    expect([crypto, seal]).toEqual(["done", "done"]);
    return first;
  }
  const [, reason = ""] =
    /^LetheError ERR_LETHE_UNAVAILABLE Cannot load sodium-native: (.*)$/.exec(first) ?? [];
  for (const other of [crypto, seal])
    expect(other).toContain(`Cannot load sodium-native: ${reason}`);
  if (passedOver.includes('"sodium"'))
    expect(passedOver).toContain(JSON.stringify(reason).slice(1, -1));
  return reason;
}

describe.skipIf(!SOAK)("sodium-native, where", () => {
  beforeAll(() => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, "node_modules/lethe"), { recursive: true });
    for (const part of ["dist", "package.json"]) {
      cpSync(part, join(folder, "node_modules/lethe", part), { recursive: true });
    }
    writeFileSync(join(folder, "main.mjs"), PROGRAM);
    writeFileSync(join(folder, "package.json"), '{ "dependencies": { "lethe": "0.1.0" } }');
    for (const name of DEPENDENCIES) install(name);
  });
  beforeEach(() => install("sodium-native"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(runtimes)("it is whole, on %s", (runtime) => {
    expect(saidOn(runtime)).toBe("sodium");
  });

  it.each(runtimes)("it is not installed, on %s", (runtime) => {
    rmSync(native, { recursive: true });
    expect(saidOn(runtime)).toMatch(/^it is not installed .*; install it with npm install/);
  });

  it.each(runtimes)("its binary is gone, on %s", (runtime) => {
    rmSync(binary);
    expect(saidOn(runtime)).toMatch(
      new RegExp(`^it is installed without its binary for ${host} \\(ADDON_NOT_FOUND\\); install`),
    );
  });

  it.each(runtimes)("its binary is cut or another system's, on %s", (runtime) => {
    for (const [bytes, cause] of [
      ["short", "file too short"],
      [Buffer.alloc(4096, 1), "invalid ELF header"],
    ] as const) {
      writeFileSync(binary, bytes);
      expect(saidOn(runtime)).toMatch(
        new RegExp(
          `^its binary does not load \\((ERR_DLOPEN_FAILED|TypeError): ${cause}\\); it is for another system`,
        ),
      );
    }
  });

  it.skipIf(!asRoot).each(runtimes)("its binary may not be read, on %s", (runtime) => {
    chmodSync(binary, 0);
    const wrapper = ["/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all"];
    expect(saidOn(runtime, { wrapper })).toMatch(
      /\((ERR_DLOPEN_FAILED|TypeError): .*Permission denied\); let this user read its files$/,
    );
  });

  it.skipIf(!canMount).each(runtimes)("its file system is mounted noexec, on %s", (runtime) => {
    const mount = `mount --bind "${folder}" "${folder}" && mount -o remount,bind,noexec "${folder}" && cd "${folder}" && exec "$@"`;
    const wrapper = ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"];
    expect(saidOn(runtime, { wrapper })).toMatch(/failed to map segment .*mounted noexec/);
  });

  it.each(runtimes)("a module that it needs, or its main file, is missing, on %s", (runtime) => {
    rmSync(join(folder, "node_modules/require-addon"), { recursive: true });
    const inPart =
      /^it is only partly installed: a module that it needs is missing \(MODULE_NOT_FOUND\); install it again$/;
    expect(saidOn(runtime)).toMatch(inPart);
    install("require-addon");
    rmSync(join(native, "index.js"));
    // Bun says the same as when it is not installed.
    expect(saidOn(runtime)).toMatch(runtime === "bun" ? /^it is not installed/ : inPart);
  });

  it.each(runtimes)("something else stands in its place, on %s", (runtime) => {
    writeFileSync(join(native, "index.js"), "module.exports = {};");
    expect(saidOn(runtime)).toMatch(
      /^what was loaded in its place has no sodium_malloc and \d+ more/,
    );
    writeFileSync(join(native, "package.json"), '{ "version": "4.3.3" }');
    expect(saidOn(runtime)).toMatch(/^its version is 4\.3\.3, and Lethe calls version 5; install/);
  });

  it.each(runtimes)("it failed once, the same is said again, on %s", (runtime) => {
    const program = PROGRAM.replace(
      /^const told/m,
      `import { copyFileSync, rmSync } from "node:fs";
copyFileSync(${JSON.stringify(binary)}, ${JSON.stringify(`${folder}/kept`)});
rmSync(${JSON.stringify(binary)});
try { openSecrets({ memory: "sodium" }); } catch {}
copyFileSync(${JSON.stringify(`${folder}/kept`)}, ${JSON.stringify(binary)});
const told`,
    );
    writeFileSync(join(folder, "main.mjs"), program);
    const flags = runtime === "deno" ? ["--allow-write"] : [];
    const said = saidOn(runtime, { flags });
    writeFileSync(join(folder, "main.mjs"), PROGRAM);
    expect(said).toMatch(/\(ADDON_NOT_FOUND\)/);
  });

  const nodes = runtimes.filter((name) => name.startsWith("node"));
  it.each(nodes)("%s loads no native addons", (runtime) => {
    expect(saidOn(runtime, { flags: ["--no-addons"] })).toMatch(
      /\(ERR_DLOPEN_DISABLED\); start it without --no-addons$/,
    );
    const permission = ["--permission", "--allow-fs-read=*"];
    expect(saidOn(runtime, { flags: permission })).toMatch(
      /\(ERR_DLOPEN_DISABLED\); start it with --allow-addons beside --permission$/,
    );
  });

  it.each(nodes)("%s may not read it", (runtime) => {
    const readable = ["main.mjs", "package.json", "node_modules/lethe"].map(
      (path) => `--allow-fs-read=${join(folder, path)}`,
    );
    expect(saidOn(runtime, { flags: ["--permission", "--allow-addons", ...readable] })).toMatch(
      /^this process may not look for it, or may not read its files \(ERR_ACCESS_DENIED\); grant reading of node_modules/,
    );
  });
});
