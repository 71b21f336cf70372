import fc from "fast-check";
import { expect, it } from "vitest";
import { derivedNeedle, deriveInto, mask, unmask } from "./derived_needle.ts";

it("a seed gives the same needle everywhere, for ever", () => {
  expect(Buffer.from(derivedNeedle(42, 16).bytes).toString("hex")).toBe(
    "749093f7d4ab692a76f80325a8f8bacd",
  );
  expect(Buffer.from(derivedNeedle(0, 16).bytes).toString("hex")).toBe(
    "ac2d0dfeddaedf592bf8efc4e7bc0bd0",
  );
});

it("a longer needle of the same seed begins alike, another seed differs", () => {
  const long = derivedNeedle(7, 64).bytes;
  expect(derivedNeedle(7, 16).bytes).toEqual(long.subarray(0, 16));
  expect(derivedNeedle(8, 16).bytes).not.toEqual(long.subarray(0, 16));
});

it("every byte value occurs about as often as any other", () => {
  const bytes = new Uint8Array(65536);
  deriveInto(1, bytes);
  const count = new Uint32Array(256);
  for (const byte of bytes) count[byte] = (count[byte] ?? 0) + 1;
  expect(Math.min(...count)).toBeGreaterThan(180);
  expect(Math.max(...count)).toBeLessThan(340);
});

it("a mask hides the bytes, leaves its argument alone and comes off", () => {
  fc.assert(
    fc.property(
      fc.nat(0xffffffff),
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      (seed, bytes) => {
        const before = bytes.slice();
        const masked = mask(seed, bytes);
        expect(bytes).toEqual(before);
        expect(unmask(seed, masked)).toEqual(before);
      },
    ),
  );
  expect(mask(3, new Uint8Array(32))).not.toEqual(derivedNeedle(3, 32).bytes);
});

it("a seed is an integer of 32 bits", () => {
  for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) {
    expect(() => deriveInto(seed, new Uint8Array(8))).toThrow(RangeError);
  }
});
