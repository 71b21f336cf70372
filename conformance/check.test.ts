import { expect, it } from "vitest";
import { sameBytes, zero } from "./check.ts";

const LENGTHS = Array.from({ length: 20 }, (_, length) => length);

/** Bytes that begin anywhere in a word. */
function placed(length: number, offset: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(length + 8), offset, length);
}

it("names the first byte that differs, wherever it and the bytes lie", () => {
  for (const length of LENGTHS) {
    for (const offset of [0, 1, 4]) {
      const bytes = placed(length, offset);
      expect(() => sameBytes(bytes, placed(length, 0), "it")).not.toThrow();
      expect(() => zero(bytes, "it")).not.toThrow();
      for (let at = 0; at < length; at++) {
        bytes.fill(0).fill(7, at);
        const place = new RegExp(`first at byte ${at}( of ${length})?$`);
        expect(() => sameBytes(bytes, placed(length, 0), "it")).toThrow(place);
        expect(() => zero(bytes, "it")).toThrow(place);
      }
    }
  }
});
