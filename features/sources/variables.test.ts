import { statSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { scanProcess } from "../../conformance/mod.ts";
import { startWaiting } from "../../testing/features/key_files/children.ts";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { VARIABLE, variableNeedle } from "../../testing/features/sources/needles.ts";
import { SOAK } from "../../testing/tier.ts";
import { placesOf } from "./environment_block.ts";

const PROBE = "testing/features/sources/variables_probe.ts";

interface Said {
  readonly taken: number | string;
  readonly again: number | string;
  readonly live: number;
  readonly inBlock: boolean | null;
  readonly residue: readonly string[];
}

/** Takes a variable in another process. @returns what it says, and the copies of the value in it */
async function take(
  runtime: string,
  mode: string,
  around: readonly string[] = [],
): Promise<Said & { readonly copies: number }> {
  process.env[VARIABLE] = Buffer.from(variableNeedle().bytes).toString("latin1");
  try {
    const target = await startWaiting<Said>([
      ...[...around, ...(RUNTIMES[runtime] ?? []), PROBE, mode],
    ]);
    try {
      const report = scanProcess(target.pid, [variableNeedle()]);
      if (report.outcome !== "scanned") throw new Error(report.reason);
      return { ...target.said, copies: report.findings.length };
    } finally {
      await target.stop();
    }
  } finally {
    delete process.env[VARIABLE];
  }
}

describe.skipIf(process.platform !== "linux" || !SOAK).each(INSTALLED)(
  "a variable on %s",
  (runtime) => {
    it("that the program has set is the one that is taken, and the kernel's block has none", async () => {
      const said = await take(runtime, "set");
      expect(said).toMatchObject({ taken: 18, live: 0, inBlock: false });
      expect(said.again).toBe("ERR_LETHE_SOURCE_MISSING");
    });

    it("leaves a copy to a worker thread that was there before, as the source says", async () => {
      const { taken, copies, inBlock, residue } = await take(runtime, "worker");
      expect([taken, inBlock]).toEqual([48, false]);
      expect(copies).toBeGreaterThan(0); // no claim that it leaves less
      expect(residue.join()).toMatch(/worker thread that was started before has a copy/);
    });
  },
);

/** Another user can run the program only where each folder above it lets others through. */
const isReachable = (path: string): boolean =>
  (statSync(path).mode & 1) === 1 && (dirname(path) === path || isReachable(dirname(path)));
const asNobody =
  process.platform === "linux" && process.getuid?.() === 0 && isReachable(process.cwd());
const NOBODY = ["env", "HOME=/tmp", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const why = asNobody ? "" : "NOT RUN, it takes root, and folders that others may enter: ";

describe.skipIf(!asNobody || !SOAK).each(INSTALLED)(
  `${why}a variable of an unprivileged process that is hardened, on %s`,
  (runtime) => {
    it("is wiped or refused after the source was opened, and never left without a word", async () => {
      const { taken, copies, live } = await take(runtime, "hardened", NOBODY);
      const byImage = runtime.startsWith("node");
      expect([taken, live]).toEqual([byImage ? "ERR_LETHE_SOURCE_UNAVAILABLE" : 48, 0]);
      // The one in the kernel's block; what Bun keeps; nothing.
      expect(copies > 0).toBe(byImage || runtime === "bun");
    });

    it("is declared to stay where the source is opened after that and cannot wipe it", async () => {
      const { taken, copies, residue } = await take(runtime, "late", NOBODY);
      const isKept = runtime.startsWith("node");
      expect([taken, copies > 0]).toEqual([48, isKept || runtime === "bun"]);
      expect(residue.join().includes("the block of variables that the kernel made")).toBe(isKept);
    });
  },
);

it("is found each time that it stands in the kernel's block, and nowhere else", () => {
  const block = new TextEncoder().encode("A=1\0AB=x\0TOKEN=one\0XTOKEN=no\0TOKEN=\0TOKEN=two\0");
  const found = placesOf(block, new TextEncoder().encode("TOKEN="));
  const texts = found.map(([from, to]) => new TextDecoder().decode(block.subarray(from, to)));
  expect(texts).toEqual(["one", "", "two"]);
  expect(placesOf(block, new TextEncoder().encode("TOKE="))).toEqual([]);
});
