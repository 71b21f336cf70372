import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultOf } from "./load_koffi.ts";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const KOFFI = at("../../node_modules/koffi");
const BINARIES = `@koromix/koffi-${process.platform}-${process.arch}`;
const missing = existsSync(KOFFI) ? null : "koffi is not installed";
const suffix = missing === null ? "" : ` (did not run: ${missing})`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-koffi-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What loading says, with `koffi` at a path, at none, or where it is. */
function said(koffi: string | null | undefined, ...flags: readonly string[]): string {
  const redirected = koffi === undefined ? [] : ["--require", at("testdata/without_koffi.cjs")];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--no-warnings", ...redirected, ...flags, at("testdata/koffi_probe.ts")],
    { encoding: "utf8", env: { LETHE_TEST_KOFFI: koffi ?? "" } },
  );
  return `${stdout}${stderr}`;
}

/** The installed koffi, copied with or without its binaries. */
function copied(name: string, binaries: boolean): string {
  const modules = join(folder, name, "node_modules");
  mkdirSync(modules, { recursive: true });
  cpSync(KOFFI, join(modules, "koffi"), { recursive: true });
  if (binaries) cpSync(join(KOFFI, "..", BINARIES), join(modules, BINARIES), { recursive: true });
  return join(modules, "koffi");
}

const SOAK = process.env["LETHE_SOAK"] !== undefined;
const REFUSED = "LetheError ERR_LETHE_UNAVAILABLE Cannot open FFI: ";

describe.skipIf(missing !== null)(`koffi${suffix}`, () => {
  it("is loaded where it is installed", () => {
    expect(said(undefined)).toBe("loaded");
  });

  it.runIf(SOAK)(
    "is loaded where the permission model lets it, and refused where it may not read",
    () => {
      expect(said(undefined, "--permission", "--allow-fs-read=*", "--allow-addons")).toBe("loaded");
      const sources = ["adapters", "core", "package.json"].map((path) => at(`../../${path}`));
      const readable = sources.map((path) => `--allow-fs-read=${path}`);
      expect(said(undefined, "--permission", "--allow-addons", ...readable)).toMatch(
        /^LetheError ERR_LETHE_UNAVAILABLE Cannot open FFI: koffi may not be read; start Node.js with --allow-fs-read/,
      );
    },
  );

  it("that is not loaded says why, and what helps", () => {
    expect(said(null)).toBe(`${REFUSED}koffi is not installed; install it with npm install koffi`);
    expect(said(undefined, "--no-addons")).toBe(
      `${REFUSED}koffi is a native addon, and this process loads none: it was started with --no-addons`,
    );
    expect(said(undefined, "--permission", "--allow-fs-read=*")).toBe(
      `${REFUSED}koffi is a native addon, and this process loads none: the permission model needs --allow-addons too`,
    );
  });

  it.runIf(SOAK)("without a binary that loads says why, and what helps", () => {
    const without = copied("without", false);
    expect(said(without)).toBe(
      `${REFUSED}koffi has no binary for ${process.platform}-${process.arch}: ${BINARIES} is missing or may not be read; install it again here, without --omit=optional, and do not bundle it`,
    );
    const damaged = copied("damaged", true);
    const binaries = join(damaged, "..", BINARIES);
    for (const name of readdirSync(binaries, { recursive: true, encoding: "utf8" })) {
      if (name.endsWith(".node")) writeFileSync(join(binaries, name), "for another system");
    }
    expect(said(damaged)).toMatch(/: the system refuses to load koffi's binary \(.+\); install it/);
    expect(said(damaged)).not.toContain(folder);
  });
});

/** A koffi whose functions are these, by name. */
function library(functions: Readonly<Record<string, () => unknown>>, viewed = 4): unknown {
  return {
    view: () => new ArrayBuffer(viewed),
    load: () => ({ func: (name: string) => functions[name] ?? (() => 4096n) }),
  };
}

const getpid = (): number => process.pid;
const strlen = (): number => 12;

describe("a module in koffi's place", () => {
  it.each([
    ["nothing", {}, "it has no load and view"],
    ["a number", 1, "it has no load and view"],
    ["another answer", library({ getpid: () => 1, strlen }), "getpid() is wrong"],
    [
      "copies of arrays",
      library({ getpid, strlen: () => 0 }),
      "strlen() does not see the bytes of an array",
    ],
    ["views of nothing", library({ getpid, strlen }, 0), "it shows no memory"],
    ["no address", library({ getpid, strlen, __errno_location: () => 0 }), "it shows no memory"],
    [
      "an error",
      {
        view: () => undefined,
        load() {
          throw new Error("odd");
        },
      },
      "odd",
    ],
  ])("is not trusted when it gives %s", (_, module, fault) => {
    expect(faultOf(module)).toBe(fault);
  });

  it.skipIf(missing !== null)(`is not trusted by the process that loads it${suffix}`, () => {
    const path = join(folder, "foreign.cjs");
    writeFileSync(path, "module.exports = { load: 1 };");
    expect(said(path)).toBe(
      `${REFUSED}koffi is there and does not do what koffi does; mark it as external if a bundler made this program: it has no load and view`,
    );
  });
});
