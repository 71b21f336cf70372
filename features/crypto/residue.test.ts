import process from "node:process";
import { describe, expect, it } from "vitest";
import { formatFinding, scanProcess } from "../../conformance/mod.ts";
import { nobleEngine } from "../../engines/noble/noble_engine.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import {
  type Child,
  isInstalled,
  startChild,
} from "../../testing/features/crypto/residue_child.ts";
import { type Expected, needlesOf } from "../../testing/features/crypto/residue_needles.ts";
import { USES } from "../../testing/features/crypto/uses.ts";
import { SOAK } from "../../testing/tier.ts";

type Use = keyof typeof USES;

const uses = Object.keys(USES) as readonly Use[];
const sodium = openSodiumEngine();

/** Where each needle was found, apart from the secrets that hold it. */
function look(pid: number, needles: readonly Expected[]): ReadonlyMap<Use, readonly string[]> {
  const report = scanProcess(pid, needles);
  if (report.outcome !== "scanned") throw new Error(report.reason);
  const found = new Map<Use, string[]>();
  for (const needle of needles) {
    const places = report.findings.filter((finding) => finding.needle === needle.label);
    const whole = places.filter(({ complete, encoding }) => complete && encoding === "raw");
    if (whole.length < needle.copies) throw new Error(`${needle.label} was not seen live`);
    if (places.length === needle.copies) continue;
    const use = needle.label.split(" ")[0] as Use;
    found.set(use, [...(found.get(use) ?? []), ...places.map(formatFinding)]);
  }
  return found;
}

let seed = 70_000;

/** Uses each operation, and keeps every secret live. */
async function useAll(child: Child, some: readonly Use[]): Promise<readonly Expected[]> {
  const needles: Expected[] = [];
  for (const use of some) {
    seed += 10;
    const open = Buffer.from(await child.ask(`live ${use} ${seed}`), "hex");
    needles.push(...needlesOf(use, seed, open, sodium));
  }
  return needles;
}

/** Destroys every secret, and looks again. */
async function lookAfter(
  child: Child,
  needles: readonly Expected[],
): Promise<ReadonlyMap<Use, readonly string[]>> {
  expect(await child.ask("end")).toBe("0 live");
  const gone = needles.map((needle) => ({ ...needle, copies: 0 }));
  return look(child.pid, gone);
}

/** `npm run soak` takes every pair. */
const REGULAR = ["node sodium"];
const pairs = ["node", "deno", "bun"].flatMap((runtime) =>
  ["sodium", "libsodium", "noble"].map((engine) => [runtime, engine] as const),
);
const wanted = pairs.filter((pair) => SOAK || REGULAR.includes(pair.join(" ")));

describe.skipIf(process.platform !== "linux")("residue", () => {
  it.each(wanted.filter(([, engine]) => engine !== "noble"))(
    "%s, %s: none, of any secret, result or value between",
    async (runtime, engine) => {
      if (!isInstalled(runtime)) throw new Error(`${runtime} is not installed`);
      const child = await startChild("residue_target.ts", runtime, "sodium", engine);
      try {
        // One at a time in the soak: what one leaves deep in the stack, another may write over.
        for (const some of SOAK ? uses.map((use) => [use]) : [uses]) {
          const needles = await useAll(child, some);
          expect(Object.fromEntries(look(child.pid, needles))).toEqual({});
          // A scan costs a second: after the end only where it is worth that.
          if (!SOAK && (runtime !== "node" || engine !== "sodium")) continue;
          expect(Object.fromEntries(await lookAfter(child, needles))).toEqual({});
        }
      } finally {
        child.stop();
      }
    },
  );

  it.each(wanted.filter(([, engine]) => engine === "noble"))(
    "%s, %s: nothing but what it declares",
    async (runtime, engine) => {
      const child = await startChild("residue_target.ts", runtime, "sodium", engine);
      const { residue } = nobleEngine();
      try {
        const ended = await lookAfter(child, await useAll(child, uses));
        const left = [...ended.keys()];
        for (const [use, places] of ended) {
          const declared = residue[use === "hkdf" ? "hmac-sha256" : use] ?? "at most 0 copies";
          const most = Number(/^at most (\d+) copies/.exec(declared)?.[1]);
          expect(places.length, `${use}: ${places.join("; ")}`).toBeLessThanOrEqual(most);
        }
        // Which of its copies are still there depends on the collector; none at all would be news.
        expect(left.length).toBeGreaterThan(0);
      } finally {
        child.stop();
      }
    },
  );

  // The engine gets the very pages: read-only ones for what goes in, where a write kills the process.
  it.each([
    ["deno", "secretmem"],
    ["bun", "pages"],
    ...(SOAK
      ? [
          ["deno", "pages"],
          ["bun", "secretmem"],
        ]
      : []),
  ])("%s, %s: the sodium engine works straight on the pages", async (runtime, memory) => {
    const child = await startChild("residue_target.ts", runtime, memory, "sodium");
    try {
      for (const use of uses) await child.ask(`live ${use} 1`);
      expect(await child.ask("end")).toBe("0 live");
    } finally {
      child.stop();
    }
  });
});
