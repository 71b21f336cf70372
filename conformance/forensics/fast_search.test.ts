import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { encodeForTest } from "../../testing/forensics/encodings.ts";
import { SOAK } from "../../testing/tier.ts";
import { ENCODINGS, type Encoding } from "./encodings.ts";
import { FastSearch } from "./fast_search.ts";
import { type PreparedNeedle, prepareNeedle } from "./needle.ts";
import { PlainSearch } from "./plain_search.ts";
import { type Run, RunCollector } from "./run_collector.ts";
import { Sweep } from "./sweep.ts";
import type { Search } from "./window.ts";
import { WorkingMemory } from "./working_memory.ts";

const working = new WorkingMemory();

// Patience for a loaded machine: alone, each test takes about a second or less.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const BASE = 0x7f0000000000;
const SEPARATORS = [",", ", ", " ", ",  ", ",   ", ",\n", ",\n  ", ",\n      ", "\t", ",\r\n "];

function runs(search: Search, memory: Uint8Array, address: number, chunkBytes: number): Run[] {
  const collector = new RunCollector(1e6);
  const sweep = new Sweep(search, chunkBytes, (...run) => collector.add(...run), working);
  for (let at = 0; at < memory.length; ) {
    const space = sweep.space(address + at, memory.length - at);
    space.set(memory.subarray(at, at + space.length));
    sweep.filled(space.length);
    at += space.length;
  }
  sweep.finish();
  return collector.finish();
}

function prepared(bytes: Uint8Array, fragmentBytes = 16): PreparedNeedle {
  return prepareNeedle({ label: "needle", bytes }, fragmentBytes, working);
}

/** Bytes of few kinds, so that chance makes every sort of near miss, or of any kind. */
const secretBytes = fc
  .oneof(
    fc.uint8Array({ minLength: 8, maxLength: 40 }),
    fc
      .array(fc.constantFrom(0, 1, 17, 171, 0xff, 0x31), { minLength: 8, maxLength: 40 })
      .map((a) => Uint8Array.from(a)),
    fc
      .string({ unit: "binary", minLength: 8, maxLength: 24 })
      .map((text) => new TextEncoder().encode(text)),
  )
  .filter((bytes) => new Set(bytes.subarray(0, 8)).size >= 4 && bytes.length <= 64);

const filler = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .array(fc.constantFrom(0, 1, 0x20, 0x2c, 0x31, 0x37), { maxLength: 40 })
    .map((a) => Uint8Array.from(a)),
);

const piece = fc.record({
  before: filler,
  encoding: fc.constantFrom(...ENCODINGS),
  separator: fc.constantFrom(...SEPARATORS),
  aligned: fc.boolean(),
  cut: fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ),
  whole: fc.boolean(),
});

type Piece = typeof piece extends fc.Arbitrary<infer T> ? T : never;

function compose(secret: Uint8Array, pieces: readonly Piece[]): Uint8Array {
  const memory: number[] = [];
  for (const { before, encoding, separator, aligned, cut, whole } of pieces) {
    memory.push(...before);
    while (aligned && memory.length % 8 !== 0) memory.push(0);
    const encoded = encodeForTest(encoding, secret, separator);
    const [a, b] = cut.map((place) => Math.floor(place * encoded.length)) as [number, number];
    memory.push(...(whole ? encoded : encoded.subarray(Math.min(a, b), Math.max(a, b))));
  }
  return Uint8Array.from(memory);
}

describe("the fast search and its plain twin", () => {
  it("find the same runs in whole and cut copies of every encoding, at any chunk size", () => {
    fc.assert(
      fc.property(
        secretBytes,
        fc.array(piece, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 8, max: 17 }),
        fc.constantFrom(8, 64, 1024),
        fc.nat(16),
        (secret, pieces, fragmentBytes, chunkBytes, shift) => {
          const memory = compose(secret, pieces);
          const other = secret.map((byte, at) => (at % 12 === 11 ? byte ^ 1 : byte));
          const needle = (): PreparedNeedle[] => [
            prepared(secret, fragmentBytes),
            prepared(other, fragmentBytes),
          ];
          const fast = runs(new FastSearch(needle(), working), memory, BASE + shift, chunkBytes);
          const plain = runs(new PlainSearch(needle(), working), memory, BASE + shift, 1 << 20);
          expect(fast).toEqual(plain);
        },
      ),
      { numRuns: !SOAK ? 20 : 200 },
    );
  });

  it.each(ENCODINGS)("find a whole copy as %s at each of eight addresses", (encoding: Encoding) => {
    const secret = new TextEncoder().encode("pässwörd£0123456789ÿÿ!§");
    const encoded = encodeForTest(encoding, secret);
    const step = /^(smi64|jsc|int64)/.test(encoding)
      ? 8
      : /^(smi32|int32|float)/.test(encoding)
        ? 4
        : 1;
    for (let shift = 0; shift < 8; shift += step) {
      const memory = new Uint8Array(encoded.length + 64);
      memory.set(encoded, 24 + shift);
      const found = runs(new FastSearch([prepared(secret)], working), memory, BASE, 1 << 16);
      expect(found).toMatchObject([{ encoding, coveredBytes: secret.length }]);
    }
  });
});
