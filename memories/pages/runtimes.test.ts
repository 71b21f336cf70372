import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { GuaranteeName, Guarantees } from "../../core/contract/guarantees.ts";
import { SOAK } from "../../testing/tier.ts";

const bin = (path: string): string =>
  fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const PROBE = fileURLToPath(new URL("../../testing/memories/pages/probe.ts", import.meta.url));
const RUNTIMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "node 24 with koffi": [bin("node-24/bin/node"), "--no-warnings"],
  ...(!SOAK
    ? {}
    : {
        "node 22 with koffi": [bin("node-22/bin/node"), "--no-warnings"],
        "node 26 with koffi": [bin("node-26/bin/node")],
        "node 26 with node:ffi": [
          bin("node-26/bin/node"),
          "--no-warnings",
          "--require",
          fileURLToPath(new URL("../../testing/adapters/node/without_koffi.cjs", import.meta.url)),
        ],
        // Only this permission: /proc is read through it as well.
        deno: [bin("deno/deno"), "run", "--no-prompt", "--allow-ffi"],
        bun: [bin("bun/bin/bun.exe")],
      }),
};

/** Another user can run the probe only where each folder above it lets others through. */
const REACHABLE: boolean = foldersAbove(PROBE).every((path) => (statSync(path).mode & 1) === 1);

/** Else root runs it without the capability that lifts the limit. */
const WITHOUT_CAPABILITY = ["setpriv", "--bounding-set", "-ipc_lock", "--inh-caps", "-ipc_lock"];

function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

interface Outcome {
  readonly signal: string | null;
  readonly said: readonly unknown[];
}

/** A million in `npm run soak`, which the tests have no time for. */
const ROUNDS = !SOAK ? 20_000 : 1_000_000;
const REGIONS = !SOAK ? 2_000 : 10_000;

function run(runtime: string, args: readonly string[], user?: number): Outcome {
  const [program, ...options] = RUNTIMES[runtime] ?? [""];
  const command = [program, ...options, PROBE, ...args];
  // A crash is what is asked for here: no core file for it.
  const limits = user === undefined ? "ulimit -c 0" : "ulimit -c 0 -l 64";
  const without = user !== undefined && !REACHABLE ? WITHOUT_CAPABILITY : [];
  const child = spawnSync(
    "/bin/bash",
    ["-c", `${limits}; exec "$@"`, "bash", ...without, ...command],
    {
      encoding: "utf8",
      timeout: 120_000,
      ...(user === undefined || !REACHABLE
        ? {}
        : { uid: user, gid: user, env: { HOME: "/tmp", PATH: "/usr/bin" } }),
    },
  );
  const lines = child.stdout.split("\n").filter((line) => /^["{[\d]/.test(line));
  if (child.signal === null && lines.length === 0) throw new Error(child.stderr);
  return { signal: child.signal, said: lines.map((line) => JSON.parse(line)) };
}

/** Bun catches the signal to print a report, and ends with another one. */
const FATAL: ReadonlySet<string | null> = new Set(["SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP"]);
const onLinux = process.platform === "linux";
const asRoot = process.getuid?.() === 0;

/** The helper as a shared library, or null where there is no C compiler. */
function compileHelper(): string | null {
  const source = fileURLToPath(
    new URL("../../testing/memories/pages/fork_helper.c", import.meta.url),
  );
  const library = join(mkdtempSync(join(tmpdir(), "lethe-")), "fork_helper.so");
  const { status } = spawnSync("cc", ["-shared", "-fPIC", "-o", library, source]);
  return status === 0 ? library : null;
}

const HELPER: string | null = compileHelper();

/** The conformance suite looks into both every day. */
const MEMORIES = !SOAK ? ["secretmem"] : ["secretmem", "pages"];

/** What kills the process, and how much it says before. `npm test` tries each kind of page once. */
const TOUCHES: readonly (readonly [what: string, before: number])[] = [
  ["read at rest", 0],
  ["write while read-only", 1],
  ["one byte past the end", 1],
  ["one byte past the end of a page", 1],
  ["read after release", 0],
  ["read through a stolen buffer", 1],
];

for (const runtime of Object.keys(RUNTIMES)) {
  const there = onLinux && existsSync(RUNTIMES[runtime]?.[0] ?? "");
  describe.skipIf(!there).each(MEMORIES)(`${runtime}: %s`, (memory) => {
    it("every guarantee is verified on this machine", () => {
      const [table] = run(runtime, [memory, "guarantees"]).said;
      const given = table as Guarantees;
      for (const name of [
        ...["access-trap", "write-trap", "guard-pages", "canary", "locked", "no-dump", "no-fork"],
        ...["detached-views", "off-heap", "wiped-on-destroy"],
        ...(memory === "secretmem" ? ["hidden"] : []),
      ]) {
        expect(given[name as GuaranteeName], name).toMatchObject({
          level: "enforced",
          verified: true,
        });
      }
      expect(given.locked?.evidence).toMatch(/VmFlags:.* lo /);
      expect(given["no-dump"]?.evidence).toMatch(/VmFlags:.* dd/);
      expect(given["no-fork"]?.evidence).toMatch(/VmFlags:.* dc/);
    });

    it.each(SOAK ? TOUCHES : TOUCHES.slice(0, 3))("%s kills the process", (what, before) => {
      const { signal, said } = run(runtime, [memory, what]);
      expect(said).toHaveLength(before);
      expect(FATAL).toContain(signal);
    });

    it("one byte before the start is found on release, whatever the length", () => {
      expect(run(runtime, [memory, "underflow"]).said).toEqual([
        Array.from({ length: 5 }, () => "ERR_LETHE_CANARY"),
      ]);
    });

    it.skipIf(HELPER === null)("a forked child can neither read nor write the pages", () => {
      expect(run(runtime, [memory, "fork", HELPER ?? ""]).said).toEqual([
        { ordinary: [0, 0], secret: [11, 11], intact: true },
      ]);
    });

    it("randomness comes straight into the pages", () => {
      expect(run(runtime, [memory, "random"]).said[0]).toBeGreaterThan(200);
    });

    it(`${ROUNDS} secrets in one synchronous loop: resident memory is flat`, () => {
      const [rss] = run(runtime, [memory, "loop", String(ROUNDS)]).said as {
        before: number;
        after: number;
      }[];
      expect((rss?.after ?? Infinity) - (rss?.before ?? 0)).toBeLessThan(48 * 1024);
    });

    it(`${REGIONS} live regions: two mappings and one locked page each, all given back`, () => {
      const [books] = run(runtime, [memory, "many", String(REGIONS)]).said as Record<
        string,
        Books
      >[];
      const { before, after, end } = books ?? {};
      // Runtimes map and unmap for themselves meanwhile, and a reservation is a mapping itself.
      expect((after?.maps ?? Infinity) - (before?.maps ?? 0)).toBeLessThanOrEqual(
        2 * REGIONS + 200,
      );
      expect((after?.locked ?? Infinity) - (before?.locked ?? 0)).toBeLessThanOrEqual(4 * REGIONS);
      expect((end?.maps ?? Infinity) - (before?.maps ?? 0)).toBeLessThan(200);
      expect(end?.locked).toBe(0);
    });

    it.skipIf(!asRoot)("without privileges and 64 KiB to lock: honest beyond the limit", () => {
      const [result] = run(runtime, [memory, "limited"], 65534).said as Limited[];
      expect(result?.locked).toBe(15);
      expect(result?.capacity.locked).toBe(15);
      expect(result?.VmLck).toMatch(/ 60 kB/);
      if (memory === "pages") {
        expect(result?.held).toBe(40);
        expect(result?.last).toMatchObject({ level: "none", verified: false });
        expect(result?.last?.evidence).toMatch(/RLIMIT_MEMLOCK is 65536 bytes.*ulimit -l/);
      } else {
        expect(result?.held).toBe(15);
        expect(result?.refusal).toMatch(/RLIMIT_MEMLOCK is 65536 bytes.*ulimit -l/);
      }
    });
  });
}

interface Books {
  readonly maps: number;
  readonly locked: number;
}

interface Limited {
  readonly capacity: { readonly regions: number; readonly locked: number };
  readonly held: number;
  readonly locked: number;
  readonly last?: { readonly evidence: string };
  readonly refusal: string;
  readonly VmLck: string;
}
