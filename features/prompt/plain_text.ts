import { bare } from "../../core/arguments/own.ts";
import { isNormalForm } from "./normal_form.ts";
import { codePointAt, sequenceLength } from "./utf8.ts";

/** What keeps a line from being typed a second time, the worst first. */
type Fault =
  | "utf-16"
  | "malformed"
  | "byte-order-mark"
  | "control"
  | "invisible"
  | "space"
  | "replacement"
  | "normal-form";

type Place = "at its start" | "within it" | "at its end";

/**
 * Why a line is not text that a person could type again, in words without any of it; null when it is.
 *
 * - TEXT-1: it is well-formed UTF-8
 * - TEXT-2: every character of it shows: no control character but tab, none of the characters that are
 *   there to be ignored (zero-width characters, marks of direction, variation selectors, tags), no
 *   space but the one of the space bar, none that stands for what a program could not decode
 * - TEXT-3: with `isNew` it is in Unicode's normal form C, as most keyboards send it
 *
 * A line in which TEXT-1 and TEXT-2 hold is what RFC 8265 calls an OpaqueString, but nothing is mapped: the
 * bytes stay as they were typed.
 *
 * No string is made of the text. Each code point is compared with every range, whatever it is: the
 * time tells the number of bytes and of code points, and which of the rules is broken, no more.
 */
export function whyNoText(bytes: Uint8Array, byteLength: number, isNew: boolean): string | null {
  const fault = beginsAsUtf16(bytes, byteLength)
    ? ({ kind: "utf-16", place: "at its start" } as const)
    : (faultIn(bytes, byteLength) ??
      (isNew && !isNormalForm(bytes, byteLength)
        ? ({ kind: "normal-form", place: "within it" } as const)
        : null));
  return fault === null ? null : WORDS[fault.kind].replace("%", fault.place);
}

interface Found {
  readonly kind: Fault;
  readonly place: Place;
}

/** The first fault. What lies behind malformed bytes is not looked at: they have no code points. */
function faultIn(bytes: Uint8Array, byteLength: number): Found | null {
  let found: Found | null = null;
  for (let at = 0; at < byteLength; ) {
    const length = sequenceLength(bytes[at] as number);
    const end = at + Math.max(length, 1);
    const point = length === 0 || end > byteLength ? -1 : codePointAt(bytes, at, end);
    const place = at === 0 ? "at its start" : end >= byteLength ? "at its end" : "within it";
    if (point < 0) return { kind: "malformed", place };
    const kind = kindOf(point, at);
    if (kind !== null) found ??= { kind, place };
    at = end;
  }
  return found;
}

function kindOf(point: number, at: number): Fault | null {
  let kind: Fault | null = null;
  for (const [first, last, fault] of RANGES) {
    if (point >= first && point <= last) kind = fault;
  }
  if ((point & 0xfffe) === 0xfffe) kind = "replacement"; // the last two of each plane are not characters
  if (point === BYTE_ORDER_MARK && at === 0) kind = "byte-order-mark";
  return kind;
}

/** Two bytes that no UTF-8 has. */
function beginsAsUtf16([first = 0, second = 0]: Uint8Array, byteLength: number): boolean {
  return byteLength > 1 && first + second === 0x1fd && (first === 0xff || second === 0xff);
}

const BYTE_ORDER_MARK = 0xfeff;

/** Written out, and not asked of the engine: every runtime refuses the same. */
const RANGES: readonly (readonly [first: number, last: number, Fault])[] = [
  [0x00, 0x08, "control"],
  [0x0a, 0x1f, "control"],
  [0x7f, 0x9f, "control"],
  [0xa0, 0xa0, "space"], // NO-BREAK SPACE: Alt or AltGr and the space bar on many keyboards
  [0xad, 0xad, "invisible"], // SOFT HYPHEN
  [0x34f, 0x34f, "invisible"], // COMBINING GRAPHEME JOINER
  [0x61c, 0x61c, "invisible"], // ARABIC LETTER MARK
  [0x115f, 0x1160, "invisible"], // fillers of Hangul
  [0x1680, 0x1680, "space"],
  [0x17b4, 0x17b5, "invisible"], // inherent vowels of Khmer
  [0x180b, 0x180f, "invisible"], // selectors of Mongolian
  [0x2000, 0x200a, "space"],
  [0x200b, 0x200f, "invisible"], // zero width, joiners, marks of direction
  [0x2028, 0x202e, "invisible"], // separators, embedding and override of direction
  [0x202f, 0x202f, "space"],
  [0x205f, 0x205f, "space"],
  [0x2060, 0x206f, "invisible"], // word joiner, invisible operators, isolates of direction
  [0x2800, 0x2800, "space"], // BRAILLE PATTERN BLANK
  [0x3000, 0x3000, "space"],
  [0x3164, 0x3164, "invisible"], // HANGUL FILLER
  [0xfdd0, 0xfdef, "replacement"], // no characters
  [0xfe00, 0xfe0f, "invisible"], // variation selectors
  [0xfeff, 0xfeff, "invisible"],
  [0xffa0, 0xffa0, "invisible"], // HALFWIDTH HANGUL FILLER
  [0xfff0, 0xfffb, "invisible"],
  [0xfffc, 0xfffd, "replacement"],
  [0x13430, 0x1343f, "invisible"], // joiners of hieroglyphs
  [0x1bca0, 0x1bca3, "invisible"], // of shorthand
  [0x1d173, 0x1d17a, "invisible"], // of music
  [0xe0000, 0xe0fff, "invisible"], // tags, more variation selectors
];

const WORDS: Readonly<Record<Fault, string>> = bare({
  "utf-16": "begins with a byte order mark of UTF-16; write it as UTF-8",
  malformed: "is not UTF-8 %; bytes that are not text can be passed as hex or base64",
  "byte-order-mark":
    "has a byte order mark %, which nobody can type; write the file without one (UTF-8 without BOM)",
  control: "has a control character %, which nobody can type",
  invisible:
    "has an invisible character % (a zero-width character, a direction mark, or a variation selector or tag of an emoji). You do not see it and may not be able to type it again; leave it out",
  space:
    "has a space % that looks like the one of the space bar, but is another character; use the space bar",
  replacement:
    "has a character % that stands for one that a program could not decode; type it, or correct what wrote it",
  "normal-form":
    "has a letter and its mark in another form than most keyboards send them (Unicode's normal form C), so that it could not be typed on them; leave the mark out, or type the letter as one character",
});
