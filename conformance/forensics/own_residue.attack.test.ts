import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { offHeapBytes } from "../../core/mod.ts";
import { buildCore } from "../../testing/forensics/core.ts";
import { encodeForTest } from "../../testing/forensics/encodings.ts";
import { CONTROL_SEED, passwordInto } from "../../testing/forensics/password.ts";
import { beside, RUNTIMES, startTarget, type Target } from "../../testing/forensics/processes.ts";
import { scanned } from "../../testing/forensics/scans.ts";
import { SOAK } from "../../testing/tier.ts";
import { derivedNeedle } from "./derived_needle.ts";
import { ENCODINGS } from "./encodings.ts";
import type { Needle } from "./needle.ts";
import type { Finding } from "./report.ts";

// The scanner as the target: whoever looks for a secret must not leave it behind.

const SEED = 4242;
const password: Needle = { label: "password", bytes: offHeapBytes(32) };
passwordInto(SEED, password.bytes);
const control = derivedNeedle(CONTROL_SEED, 32, "control");

let directory = "";
let holder: Target;
let bystander: Target;
let targets: Readonly<Record<string, { readonly empty: string; readonly planted: string }>> = {};
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lethe-scanner-"));
  const planted = Buffer.concat(
    ENCODINGS.flatMap((encoding) => [
      Buffer.alloc(64, 0x5f),
      encodeForTest(encoding, password.bytes),
    ]),
  );
  const empty = Buffer.alloc(32 * 2 ** 20, "nothing to be found here, 1, 22, 133; ");
  const start = 0x7f0000000000n;
  const node = RUNTIMES.find(({ name }) => name === "node-24")?.command ?? [process.execPath];
  holder = await startTarget([...node, beside("target.ts"), "password", String(SEED)]);
  bystander = await startTarget([...node, beside("target.ts")]);
  const file = { empty: join(directory, "empty"), planted: join(directory, "planted") };
  writeFileSync(file.empty, empty);
  writeFileSync(file.planted, planted);
  const core = { empty: join(directory, "empty.core"), planted: join(directory, "planted.core") };
  writeFileSync(core.empty, buildCore([{ start, bytes: empty }]));
  writeFileSync(core.planted, buildCore([{ start, bytes: planted }], [], { registers: planted }));
  const live = { empty: String(bystander.pid), planted: String(holder.pid) };
  targets = { process: live, pause: live, core, file, expect: file, throw: file };
});
afterAll(async () => {
  await holder.stop();
  await bystander.stop();
  rmSync(directory, { recursive: true });
});

/** Copies of the password in a scanner. The shortest runs count that can be told from chance. */
function copies(pid: number): readonly Finding[] {
  const { findings } = scanned(pid, [password, control], { pause: true, fragmentBytes: 8 });
  expect(findings.some(({ needle, complete }) => needle === "control" && complete)).toBe(true);
  return findings.filter(({ needle }) => needle === "password");
}

const RUN = SOAK ? RUNTIMES : RUNTIMES.filter(({ name }) => name === "node-24");
const WAYS = SOAK ? ["process", "pause", "core", "file", "expect", "throw"] : ["file"];

describe.each(RUN)("a scanner on $name", ({ command, missing }) => {
  const suffix = missing === null ? "" : ` (did not run: ${missing})`;
  const scanner = (way: string, target: string, lasting: string): Promise<Target> =>
    startTarget([...command, beside("scanner.ts"), way, target, String(SEED), lasting]);

  it.skipIf(missing !== null).each(WAYS)(
    `that looks by %s holds its caller's copy while it looks, and nothing else${suffix}`,
    async (way) => {
      // It looks until this is gone, however long a busy machine takes to look at it.
      const lasting = join(directory, "lasting");
      writeFileSync(lasting, "");
      const target = await scanner(way, targets[way]?.empty ?? "", lasting);
      try {
        for (let looks = 0; looks < (SOAK ? 6 : 2); looks += 1) {
          expect(copies(target.pid)).toMatchObject([{ encoding: "raw", complete: true }]);
        }
      } finally {
        rmSync(lasting);
        await target.stop();
      }
    },
  );

  it.skipIf(missing !== null).each(WAYS)(
    `that looked by %s has nothing left of what it looked for and of what it read${suffix}`,
    async (way) => {
      const target = await scanner(way, targets[way]?.planted ?? "", "");
      try {
        const found = Number((await target.line()).replace("done ", ""));
        if (way !== "throw") expect(found).toBeGreaterThan(ENCODINGS.length - 10);
        expect(copies(target.pid)).toEqual([]);
      } finally {
        await target.stop();
      }
    },
  );
});
