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
import { SOAK } from "../../testing/tier.ts";
import { faultOf, faultOfVersion } from "./verify_koffi.ts";

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
  const redirected =
    koffi === undefined ? [] : ["--require", at("../../testing/adapters/node/without_koffi.cjs")];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--no-warnings", ...redirected, ...flags, at("../../testing/adapters/node/koffi_probe.ts")],
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

const REFUSED = "LetheError ERR_LETHE_UNAVAILABLE Cannot load koffi: ";

describe.skipIf(missing !== null)(`koffi${suffix}`, () => {
  it("is loaded where it is installed", () => {
    expect(said(undefined)).toBe("loaded");
  });

  it.runIf(SOAK)(
    "is loaded where the permission model lets it, and refused where it may not read",
    () => {
      expect(said(undefined, "--permission", "--allow-fs-read=*", "--allow-addons")).toBe("loaded");
      const sources = [
        "core",
        "system",
        "memories",
        "engines",
        "features",
        "adapters",
        "package.json",
      ].map((path) => at(`../../${path}`));
      const readable = sources.map((path) => `--allow-fs-read=${path}`);
      expect(said(undefined, "--permission", "--allow-addons", ...readable)).toBe(
        `${REFUSED}this process may not look for it, or may not read its files (ERR_ACCESS_DENIED); grant reading of node_modules (--allow-fs-read in Node, --allow-read in Deno)`,
      );
    },
  );

  it("that is not loaded says why, and what helps", () => {
    expect(said(null)).toBe(
      `${REFUSED}it is not installed beside Lethe or beside this program; install it with npm install koffi, and keep it in node_modules beside a bundle (see docs/bundling.md)`,
    );
    expect(said(undefined, "--no-addons")).toBe(
      `${REFUSED}Node loads no native addons here (ERR_DLOPEN_DISABLED); start it without --no-addons`,
    );
    expect(said(undefined, "--permission", "--allow-fs-read=*")).toBe(
      `${REFUSED}Node loads no native addons here (ERR_DLOPEN_DISABLED); start it with --allow-addons beside --permission`,
    );
  });

  it.skipIf(process.platform !== "linux")(
    "is loaded by its binary alone, if it is there, and else by its own code",
    () => {
      const short = copied("short", true);
      writeFileSync(join(short, "index.cjs"), 'throw new Error("its own code")');
      // The loader of musl may lie beside glibc: that says nothing of this program.
      const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
      expect(said(short) === "loaded").toBe(header.glibcVersionRuntime !== undefined);
      rmSync(join(short, "..", BINARIES), { recursive: true });
      expect(said(short)).toBe(`${REFUSED}it failed while it was loaded (Error)`);
    },
  );

  it.runIf(SOAK)("without a binary that loads says why, and what helps", () => {
    const without = copied("without", false);
    expect(said(without)).toBe(
      `${REFUSED}it is installed without its binary for ${process.platform}-${process.arch}, or may not read it (${BINARIES}); install it again on this machine, without --omit=optional, and keep node_modules/@koromix when you copy node_modules (see docs/bundling.md)`,
    );
    const damaged = copied("damaged", true);
    const binaries = join(damaged, "..", BINARIES);
    for (const name of readdirSync(binaries, { recursive: true, encoding: "utf8" })) {
      if (name.endsWith(".node")) writeFileSync(join(binaries, name), "for another system");
    }
    expect(said(damaged)).toMatch(
      /: its binary does not load \(ERR_DLOPEN_FAILED: .+\); it is for another system or processor/,
    );
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
    ["nothing", {}, "has no load"],
    ["a number", 1, "has no load"],
    ["another answer", library({ getpid: () => 1, strlen }), "gives a wrong answer (getpid)"],
    ["copies of arrays", library({ getpid, strlen: () => 0 }), "gives a wrong answer (strlen)"],
    ["views of nothing", library({ getpid, strlen }, 0), "gives a wrong answer (view)"],
    [
      "no address",
      library({ getpid, strlen, __errno_location: () => 0 }),
      "gives a wrong answer (__errno_location)",
    ],
    [
      "an error",
      {
        view: () => undefined,
        load() {
          throw new Error("odd");
        },
      },
      "fails (odd)",
    ],
  ])("is not trusted when it gives %s", (_, module, fault) => {
    expect(faultOf(module)).toBe(
      `what was loaded in its place ${fault}; keep koffi out of bundles and mocks: mark it as external (see docs/bundling.md)`,
    );
  });

  it("is not trusted in another version", () => {
    expect(faultOfVersion("2.16.1")).toMatch(/its version is 2\.16\.1.*install koffi@3/);
    expect(faultOfVersion("3.4.0")).toBe(null);
  });

  it.skipIf(missing !== null)(`is not trusted by the process that loads it${suffix}`, () => {
    const path = join(folder, "foreign.cjs");
    writeFileSync(path, "module.exports = { load: 1 };");
    expect(said(path)).toBe(
      `${REFUSED}what was loaded in its place has no load; keep koffi out of bundles and mocks: mark it as external (see docs/bundling.md)`,
    );
  });
});
