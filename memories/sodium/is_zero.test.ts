import { expect, it } from "vitest";
import { isZero } from "./is_zero.ts";

const LENGTHS = [1, 16, 4080, 65_535, 65_536, 65_537, 200_000];

it.each(LENGTHS)("sees each of %i bytes, and none behind them", (byteLength) => {
  const buffer = new ArrayBuffer(byteLength + 1);
  const bytes = new Uint8Array(buffer);
  bytes[byteLength] = 1;
  expect(isZero(buffer, byteLength)).toBe(true);
  for (const at of [0, 65_535, 65_536, 131_071, 131_072, byteLength - 1]) {
    if (at >= byteLength) continue;
    bytes[at] = 1;
    expect(isZero(buffer, byteLength)).toBe(false);
    bytes[at] = 0;
  }
});
