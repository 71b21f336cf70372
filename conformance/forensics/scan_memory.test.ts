import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { beside, RUNTIMES, startTarget, type Target } from "../../testing/forensics/processes.ts";
import { scanned } from "../../testing/forensics/scans.ts";
import { derivedNeedle } from "./derived_needle.ts";

// Patience for a loaded machine: alone, each test takes about a second or less.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NODE = RUNTIMES.find(({ name }) => name === "node-24");
const BUN = RUNTIMES.find(({ name }) => name === "bun");
const needle = (seed: number) => derivedNeedle(seed, 32, `seed ${seed}`);

const noSodium = ((): string | null => {
  try {
    createRequire(import.meta.url).resolve("sodium-native");
    return NODE?.missing ?? null;
  } catch {
    return "sodium-native is not installed";
  }
})();

it.skipIf(noSodium !== null)(
  `a needle on sodium pages without access is found${noSodium === null ? "" : ` (did not run: ${noSodium})`}`,
  async () => {
    const target = await startTarget([...(NODE?.command ?? []), beside("sodium_target.ts")]);
    try {
      const { findings } = scanned(target.pid, [needle(1)]);
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({
        needle: "seed 1",
        encoding: "raw",
        coveredBytes: 32,
        complete: true,
        protection: "no-access",
        mapping: { permissions: "---p" },
      });
      expect(findings[0]?.mapping.flags).toContain("dd");
    } finally {
      await target.stop();
    }
  },
);

const noBun = BUN?.missing ?? null;
describe.skipIf(noBun !== null)(
  `memory that only system calls make${noBun === null ? "" : ` (did not run: ${noBun})`}`,
  () => {
    let target: Target;
    beforeAll(async () => {
      target = await startTarget([...(BUN?.command ?? []), beside("bun_target.ts")]);
    });
    afterAll(() => target.stop());

    it("is found far inside a huge reservation, at little cost", () => {
      const report = scanned(target.pid, [needle(1)]);
      expect(report.findings).toMatchObject([{ complete: true, protection: "read-write" }]);
      const [finding] = report.findings;
      expect((finding?.mapping.end ?? 0n) - (finding?.mapping.start ?? 0n)).toBeGreaterThan(
        2n ** 35n,
      );
      expect(report.bytesScanned).toBeLessThan(2 ** 30);
    });

    it("is found across the border of two mappings, whatever the chunks", () => {
      for (const chunkBytes of [4096, 4104, 2 ** 20]) {
        const { findings } = scanned(target.pid, [needle(2)], { chunkBytes });
        expect(findings).toMatchObject([{ complete: true, protection: "read-write" }]);
        const [finding] = findings;
        expect(finding?.mapping.end).toBe((finding?.address ?? 0n) + 16n);
      }
    });

    it("is counted as secret memory when it is memfd_secret, and not found", (context) => {
      if (target.said.includes("3")) context.skip("the kernel gave no memfd_secret");
      const { findings, unreadable } = scanned(target.pid, [needle(3)]);
      expect(findings).toEqual([]);
      const secret = unreadable.filter(({ reason }) => reason === "secret-memory");
      expect(secret).toMatchObject([{ byteLength: 4096, mapping: { permissions: "rw-s" } }]);
    });

    it("is found in shared memory that is not mapped in", () => {
      expect(scanned(target.pid, [needle(4)]).findings).toMatchObject([
        { complete: true, mapping: { permissions: "rw-s" } },
      ]);
    });

    it("is found on a private page without access", () => {
      expect(scanned(target.pid, [needle(5)]).findings).toMatchObject([
        { complete: true, protection: "no-access" },
      ]);
    });

    it("what was not read is told with a reason", () => {
      const { skipped, unreadable, mappingsScanned } = scanned(target.pid, [needle(9)]);
      expect(mappingsScanned).toBeGreaterThan(5);
      const reasons = new Set(skipped.map(({ reason }) => reason));
      expect(reasons).toEqual(new Set(["nothing-resident", "file-backed"]));
      expect(unreadable.filter(({ reason }) => reason === "refused")).toEqual([]);
      expect(unreadable.find(({ mapping }) => mapping.name === "[vvar]")?.reason).toBe("device");
    });
  },
);
