import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";
import { isNormalForm } from "./normal_form.ts";
import { whyNoText } from "./plain_text.ts";

/** Of areas in which all characters are alike; `npm run soak` looks at each. */
const STEP = !SOAK ? 64 : 1;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const fault = (bytes: Uint8Array, isNew = false): string | null =>
  whyNoText(bytes, bytes.length, isNew);

describe("text that can be typed again", () => {
  it.each([
    ["UTF-16", [0xff, 0xfe, 0x70, 0], /byte order mark of UTF-16/],
    ["UTF-16 of the other order", [0xfe, 0xff, 0, 0x70], /byte order mark of UTF-16/],
    ["a byte order mark", [0xef, 0xbb, 0xbf, 0x70], /byte order mark at its start/],
    ["one that is not in front", [0x70, 0xef, 0xbb, 0xbf, 0x70], /invisible character .*within/],
    ["NUL", [0x70, 0, 0x70], /control character within it/],
    ["a raw C1 control", [0x70, 0x9b], /not UTF-8 at its end/],
    ["a C1 control", [0xc2, 0x85, 0x70], /control character at its start/],
    ["an overlong form", [0x70, 0xc0, 0x80], /not UTF-8 within/],
    ["half a surrogate pair", [0xed, 0xa0, 0x80], /not UTF-8 at its start/],
    ["a character that is cut", [0x70, 0xe2, 0x82], /not UTF-8 at its end/],
    ["more than Unicode has", [0xf4, 0x90, 0x80, 0x80], /not UTF-8/],
  ])("is not %s", (_, bytes, words) => {
    expect(fault(new Uint8Array(bytes))).toMatch(words);
  });

  it.each([
    ["ZERO WIDTH SPACE", "\u200b", /invisible/],
    ["ZERO WIDTH JOINER", "\u200d", /invisible/],
    ["RIGHT-TO-LEFT OVERRIDE", "\u202e", /invisible/],
    ["WORD JOINER", "\u2060", /invisible/],
    ["SOFT HYPHEN", "\u00ad", /invisible/],
    ["VARIATION SELECTOR-16", "\ufe0f", /invisible/],
    ["a tag", "\u{e0067}", /invisible/],
    ["HANGUL FILLER", "\u3164", /invisible/],
    ["NO-BREAK SPACE", "\u00a0", /space/],
    ["IDEOGRAPHIC SPACE", "\u3000", /space/],
    ["REPLACEMENT CHARACTER", "\ufffd", /could not decode/],
    ["what is not a character", "\u{1fffe}", /could not decode/],
  ])("has no %s, wherever it stands", (_, hidden, words) => {
    for (const [text, place] of [
      [`${hidden}pw`, "at its start"],
      [`p${hidden}w`, "within it"],
      [`pw${hidden}`, "at its end"],
    ] as const) {
      expect(fault(bytesOf(text)), place).toMatch(words);
      expect(fault(bytesOf(text))).toContain(place);
    }
  });

  it.each(["pw", " p w ", "p\tw", "\u00e9", "e\u0301", "\u6f22\u5b57", "\u{1F600}", "\uf8ff"])(
    "may be %j",
    (text) => {
      expect(fault(bytesOf(text))).toBeNull();
    },
  );

  it("has none of the characters that the engine knows to be ignored, spaces or controls", () => {
    const hidden = /^[\p{Default_Ignorable_Code_Point}\p{Z}\p{Cc}\p{Noncharacter_Code_Point}]$/u;
    const passed: string[] = [];
    for (let point = 0; point < 0x11_0000; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      if (point % STEP !== 0 && point > 0x2_0000 && point < 0xe_0000) continue;
      const character = String.fromCodePoint(point);
      if (!hidden.test(character) || character === " " || character === "\t") continue;
      if (fault(bytesOf(`p${character}w`)) === null) passed.push(point.toString(16));
    }
    expect(passed).toEqual([]);
  });

  it("is what the engine decodes, whatever else it has", () => {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
        let isDecoded = true;
        try {
          decoder.decode(bytes);
        } catch {
          isDecoded = false;
        }
        const said = fault(bytes);
        if (isDecoded) expect(said ?? "").not.toMatch(/UTF-/);
        else expect(said).toMatch(/UTF-/);
      }),
      { numRuns: 200 },
    );
  });

  it("is told from none by words without any of it", () => {
    const said = fault(bytesOf("hunter2\u200bcorrect"));
    expect(said).not.toMatch(/hunter|correct|200b|\u200b|[0-9]/);
  });
});

describe("a new secret", () => {
  it.each([
    ["a letter and its accent in two parts", "e\u0301"],
    ["a syllable of Hangul in parts", "\u1112\u1161\u11ab"],
    ["ANGSTROM SIGN", "\u212b"],
    ["a letter that normal form C takes apart", "\u0958"],
    ["two marks in the other order", "\u05d1\u05bc\u05b4"],
  ])("has not %s", (_, text) => {
    expect(fault(bytesOf(text))).toBeNull();
    expect(fault(bytesOf(text), true)).toMatch(/normal form C/);
  });

  it.each(["pw", "\u00e9\u00fc\u0151", "\u1ebf", "\ud55c", "\u0e01\u0e39\u0e49", "\u0915\u093f"])(
    "may be %s",
    (text) => {
      expect(fault(bytesOf(text), true)).toBeNull();
    },
  );

  it("is never another text in normal form C, and what is refused could be", () => {
    const points = fc.oneof(
      fc.constantFrom(..."aeo\u00e9\u0323\u0301\u0308\u05b4\u05bc\u1161\u11a8\uac00\u0915\u093c"),
      fc.integer({ min: 0x20, max: 0x2_ffff }).map((point) => String.fromCodePoint(point)),
      fc.integer({ min: 0x300, max: 0x36f }).map((point) => String.fromCodePoint(point)),
    );
    fc.assert(
      fc.property(fc.array(points, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        if (!text.isWellFormed()) return;
        const bytes = bytesOf(text);
        if (isNormalForm(bytes, bytes.length)) expect(text.normalize("NFC")).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it("may be each character that normal form C leaves alone and never joins", () => {
    const refused: string[] = [];
    for (let point = 0xa1; point < 0x3_0000; point += 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      if (point % STEP !== 0 && point > 0x3400 && (point < 0xf900 || point > 0x1_2000)) continue;
      const character = String.fromCodePoint(point);
      const bytes = bytesOf(character);
      if (character.normalize("NFC") !== character) {
        expect(isNormalForm(bytes, bytes.length), point.toString(16)).toBe(false);
      } else if (!/\p{M}/u.test(character) && !isNormalForm(bytes, bytes.length)) {
        refused.push(point.toString(16));
      }
    }
    // Vowels and last consonants of Hangul, and a vowel of Kirat Rai, which join what is before them.
    const others = refused.filter((point) => !point.startsWith("11") && point !== "16d67");
    expect(others).toEqual([]);
  });
});

const pieces: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 4 }),
  fc.string({ unit: "binary", maxLength: 4 }).map(bytesOf),
);

describe("the characters that nobody can type", () => {
  /** Each range, what its characters are, and that both neighbours are typed. */
  const RANGES: readonly (readonly [first: number, last: number, words: string])[] = [
    [0x00, 0x08, "a control"],
    [0x0a, 0x1f, "a control"],
    [0x7f, 0x9f, "a control"],
    [0xa0, 0xa0, "a space"],
    [0xad, 0xad, "an invisible"],
    [0x34f, 0x34f, "an invisible"],
    [0x61c, 0x61c, "an invisible"],
    [0x115f, 0x1160, "an invisible"],
    [0x1680, 0x1680, "a space"],
    [0x17b4, 0x17b5, "an invisible"],
    [0x180b, 0x180f, "an invisible"],
    [0x2000, 0x200a, "a space"],
    [0x200b, 0x200f, "an invisible"],
    [0x2028, 0x202e, "an invisible"],
    [0x202f, 0x202f, "a space"],
    [0x205f, 0x205f, "a space"],
    [0x2060, 0x206f, "an invisible"],
    [0x2800, 0x2800, "a space"],
    [0x3000, 0x3000, "a space"],
    [0x3164, 0x3164, "an invisible"],
    [0xfdd0, 0xfdef, "a character % that stands for"],
    [0xfe00, 0xfe0f, "an invisible"],
    [0xfeff, 0xfeff, "an invisible"],
    [0xffa0, 0xffa0, "an invisible"],
    [0xfff0, 0xfffb, "an invisible"],
    [0xfffc, 0xffff, "a character % that stands for"],
    [0x13430, 0x1343f, "an invisible"],
    [0x1bca0, 0x1bca3, "an invisible"],
    [0x1d173, 0x1d17a, "an invisible"],
    [0x1fffe, 0x1ffff, "a character % that stands for"],
    [0xdfffe, 0xdffff, "a character % that stands for"],
    [0xe0000, 0xe0fff, "an invisible"],
    [0x10fffe, 0x10ffff, "a character % that stands for"],
  ];
  const wordsFor = (point: number): string | null => {
    const range = RANGES.find(([first, last]) => point >= first && point <= last);
    return range === undefined ? null : `has ${range[2].replace("%", "within it")}`;
  };

  it("are these, up to the last of each range", () => {
    for (const [first, last] of RANGES) {
      for (const point of [first - 1, first, last, last + 1]) {
        if (point < 0 || point > 0x10_ffff) continue;
        const said = fault(bytesOf(`p${String.fromCodePoint(point)}w`));
        const words = wordsFor(point);
        if (words === null) expect([point, said]).toEqual([point, null]);
        else expect(said?.startsWith(words), `${point}: ${said}`).toBe(true);
      }
    }
  });

  it("are told by the first of them, and what is not text before all", () => {
    expect(fault(bytesOf("p\u0001\u00a0w"))).toMatch(/^has a control character within it, which/);
    expect(fault(bytesOf("p\u00a0\u0001"))).toMatch(/^has a space within it that looks like/);
    expect(fault(Uint8Array.of(0x01, 0xff))).toMatch(/^is not UTF-8 at its end; bytes that are/);
    expect(fault(Uint8Array.of(0xff))).toMatch(/^is not UTF-8 at its start;/);
    expect(fault(Uint8Array.of(0xc3, 0xa9, 0x80, 0x41))).toMatch(/^is not UTF-8 within it;/);
    expect(fault(bytesOf("\ufeffpw"))).toMatch(/^has a byte order mark at its start, which nobody/);
    expect(fault(bytesOf("\ufeff"))).toMatch(/^has a byte order mark at its start/);
    expect(fault(bytesOf("e\u0301"), true)).toMatch(/^has a letter and its mark in another form/);
  });

  it("are not looked for behind the text, or in the two bytes of another encoding", () => {
    const text = bytesOf("pw\u0001");
    expect([whyNoText(text, 2, true), whyNoText(text, 0, true)]).toEqual([null, null]);
    expect(whyNoText(bytesOf("pé"), 2, false)).toMatch(/^is not UTF-8 at its end/);
    for (const [bytes, words] of [
      [[0xff, 0xfe], /UTF-16/],
      [[0xfe, 0xff], /UTF-16/],
      [[0xff, 0xfd], /not UTF-8/],
      [[0xfd, 0x100], /not UTF-8/],
      [[0xff], /not UTF-8/],
    ] as const) {
      expect(fault(Uint8Array.from(bytes))).toMatch(words);
    }
    expect(whyNoText(Uint8Array.of(0xff, 0xfe), 1, false)).toMatch(/not UTF-8/);
  });
});
