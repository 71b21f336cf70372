import { describe, expect, it, vi } from "vitest";
import { encodeForTest } from "../../testing/forensics/encodings.ts";
import { SOAK } from "../../testing/tier.ts";
import { derivedNeedle } from "./derived_needle.ts";
import type { Encoding } from "./encodings.ts";
import { FastSearch } from "./fast_search.ts";
import { prepareNeedle } from "./needle.ts";
import { RunCollector } from "./run_collector.ts";
import { Sweep } from "./sweep.ts";
import { WorkingMemory } from "./working_memory.ts";

const working = new WorkingMemory();

vi.setConfig({ testTimeout: 60_000 });

const BASE = 0x7f0000000000;
// All its bytes differ, so that no chance match elsewhere refreshes what a search remembers.
const needle = derivedNeedle(4, 16);

/** What a sweep finds that is handed `memory` in pieces of `pieceBytes`, as short reads would. */
function found(search: FastSearch, memory: Uint8Array, chunkBytes: number, pieceBytes: number) {
  const collector = new RunCollector(1000);
  const sweep = new Sweep(search, chunkBytes, (...run) => collector.add(...run), working);
  for (let at = 0; at < memory.length; ) {
    const space = sweep.space(BASE + at, memory.length - at);
    const count = Math.min(space.length, pieceBytes);
    space.set(memory.subarray(at, at + count));
    sweep.filled(count);
    at += count;
  }
  sweep.finish();
  expect(sweep.bytesSwept).toBe(memory.length);
  return collector.finish();
}

describe("a copy at any place of a memory of several windows is found once, whole", () => {
  const places: readonly (readonly [Encoding, number])[] = [
    ["raw", 1],
    ["hex-lower", 1],
    ["base64-1", 1],
    ["decimal", 1],
    ["decimal-utf16", 1],
    ["json-object-utf16", 1],
    ["smi64", 8],
    ["float32", 4],
  ];
  it.each(SOAK ? places : places.slice(0, 3))("as %s", (encoding, step) => {
    const search = new FastSearch([prepareNeedle(needle, 16, working)], working);
    const encoded = encodeForTest(encoding, needle.bytes);
    // Windows are the longest run and a chunk long: this memory takes a handful of them at least.
    const length = search.longestRun * 3;
    for (let at = 0; at + encoded.length <= length; at += step) {
      const memory = new Uint8Array(length).fill(0x5f);
      memory.set(encoded, at);
      const runs = found(search, memory, at % 2 === 0 ? 8 : 200, at % 3 === 0 ? 61 : 4096);
      expect(runs.map(({ encoding: name, coveredBytes }) => [name, coveredBytes])).toEqual([
        [encoding, 16],
      ]);
      const inside = (runs[0]?.start ?? 0) - BASE - at;
      expect(inside).toBeGreaterThanOrEqual(0);
      expect(inside).toBeLessThan(4);
    }
  });
});

it("two copies that lie alike in two windows are both found", () => {
  const search = new FastSearch([prepareNeedle(needle, 16, working)], working);
  for (const encoding of ["raw", "hex-lower", "decimal", "smi64", "int32"] as const) {
    const encoded = encodeForTest(encoding, needle.bytes);
    // One of these distances is that of the windows, and no window has both copies.
    for (let distance = 1024; distance <= 1056; distance += 8) {
      const memory = new Uint8Array(6000).fill(0x5f);
      memory.set(encoded, 896);
      memory.set(encoded, 896 + distance);
      expect(found(search, memory, 1024, 4096)).toHaveLength(2);
    }
  }
});

it("memory behind a gap is searched apart", () => {
  const search = new FastSearch([prepareNeedle(needle, 16, working)], working);
  const collector = new RunCollector(10);
  const sweep = new Sweep(search, 64, (...run) => collector.add(...run), working);
  const half = needle.bytes.subarray(0, 8);
  for (const [address, part] of [
    [BASE, half],
    [BASE + 9, needle.bytes.subarray(8)],
  ] as const) {
    sweep.space(address, 8).set(part);
    sweep.filled(8);
  }
  sweep.finish();
  expect(collector.finish()).toEqual([]);
});
