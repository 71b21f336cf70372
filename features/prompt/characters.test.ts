import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countCharacters, startOfLastCharacter } from "./characters.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Families, flags, skin tones, keycaps, marks of several scripts, tags. */
const SAMPLES = [
  ..."azß9 é漢字ЖאΩ\u{1F600}",
  "e\u0301",
  "a\u0301\u0308\u0323",
  "\u0915\u093F",
  "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u200D\u{1F466}",
  "\u{1F44D}\u{1F3FD}",
  "\u{1F1E9}\u{1F1EA}",
  "\u{1F1E6}\u{1F1FF}",
  "\u2764\uFE0F",
  "1\uFE0F\u20E3",
  "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
];

describe("the last character", () => {
  it.each(SAMPLES)("%s is one", (sample) => {
    const bytes = bytesOf(`x${sample}`);
    expect(startOfLastCharacter(bytes, bytes.length)).toBe(1);
  });

  it("is the last grapheme cluster of any text made of these", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SAMPLES), { minLength: 1 }), (parts) => {
        const text = parts.join("");
        const clusters = [...segmenter.segment(text)];
        const bytes = bytesOf(text);
        expect(countCharacters(bytes, bytes.length)).toBe(clusters.length);
        const before = bytesOf(text.slice(0, clusters.at(-1)?.index)).length;
        expect(startOfLastCharacter(bytes, bytes.length)).toBe(before);
      }),
    );
  });

  it("exists in any bytes, and ends at 0", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        let end = bytes.length;
        while (end > 0) {
          const start = startOfLastCharacter(bytes, end);
          expect(start).toBeLessThan(end);
          end = start;
        }
      }),
    );
  });
});
