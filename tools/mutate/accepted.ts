/** Survivors that were looked into, and why no test kills them. */
import type { Survivor } from "./results.ts";

export interface Accepted extends Survivor {
  /** Whether the change makes no difference that a caller could see; otherwise a test is missing. */
  readonly isEquivalent: boolean;
  readonly why: string;
  /** How many mutants of this text it explains, where the same line stands more than once: one, unless said. */
  readonly times?: number;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    path: "memories/heap/heap_memory.ts",
    source: "protect(_protection: Protection): void {",
    change: "{ return; } → empty block",
    isEquivalent: true,
    why: "the block does nothing",
  },
  {
    path: "memories/heap/heap_memory.ts",
    source: "if (this.#view === null) return;",
    change: "this.#view === null → false",
    isEquivalent: true,
    why: "a transfer of equal length leaves the bytes where they are, and there is no view",
  },
  {
    path: "core/arguments/argument_error.ts",
    source: 'return typeof error === "object" && error !== null && OURS.has(error);',
    change: 'typeof error === "object" && error !== null → ||',
    isEquivalent: true,
    why: "a WeakSet has nothing but objects",
  },
  {
    path: "core/arguments/check_bytes.ts",
    source: "const lost = length === 0 ? loss(value) : null;",
    change: "length === 0 → true",
    isEquivalent: true,
    why: "what has bytes is valid, and has lost nothing",
  },
  {
    path: "core/arguments/check_bytes.ts",
    source: "Reflect.apply(includes, empty, [0]); // it throws for a view that is not valid",
    change: "[0] → empty list",
    isEquivalent: true,
    why: "it throws for what is not valid, whatever it looks for",
  },
  {
    path: "core/arguments/check_bytes.ts",
    source: "Reflect.apply(includes, empty, [0]); // it throws for a view that is not valid",
    change: "0 → add one",
    isEquivalent: true,
    why: "it throws for what is not valid, whatever it looks for",
  },
  {
    path: "core/arguments/check_bytes.ts",
    source: "const detached = isShared(buffer) ? false : (read(readDetached, buffer) ?? true);",
    change: "isShared(buffer) → false",
    isEquivalent: true,
    why: "shared memory is never detached and never shrinks, so that none comes here",
  },
  {
    path: "core/arguments/kind_of.ts",
    source: "const kind = KINDS.find((known) => known === mark?.kind);",
    change: "mark?.kind → drop ?.",
    isEquivalent: true,
    why: "reading nothing throws, and the catch gives the same",
  },
  {
    path: "core/arguments/kind_of.ts",
    source:
      "if (kind === undefined || mark?.version !== 1 || mark.copy === undefined) return null;",
    change: "mark?.version → drop ?.",
    isEquivalent: true,
    why: "without a mark there is no kind, which is asked first",
  },
  {
    path: "core/arguments/kind_of.ts",
    source: "return { version: 1, kind, copy: mark.copy };",
    change: "1 → add one",
    isEquivalent: true,
    why: "nobody reads the version of a mark that was checked",
  },
  {
    path: "core/bytes.ts",
    source: "for (let index = 0; index < length; index++) {",
    change: "index < length → <=",
    isEquivalent: true,
    why: "behind the last byte there is none, and none changes nothing",
  },
  {
    path: "core/codec.ts",
    source:
      "const same = (left: number, right: number): number => ~((left ^ right) | -(left ^ right)) >> 31;",
    change: "left ^ right → &",
    isEquivalent: true,
    why: "of two bytes that differ the other part is negative by itself",
  },
  {
    path: "core/codec.ts",
    source: "for (let index = 0; index < length; index++) {",
    change: "index < length → <=",
    isEquivalent: true,
    why: "the text has no place behind its last byte",
  },
  {
    path: "core/codec.ts",
    source: "return (digit & (character - 48)) | (letter & (lower - 87)) | ~(digit | letter);",
    change: "character - 48 → +",
    isEquivalent: true,
    why: "the value has 0x60 more, which is shifted or masked away",
  },
  {
    path: "core/codec.ts",
    source: "for (let index = 0; index < length; index += 3) {",
    change: "index < length → <=",
    isEquivalent: true,
    why: "the text has no place behind its last byte",
  },
  {
    path: "core/codec.ts",
    source: "((bytes[index + 1] ?? 0) << 8) |",
    change: "0 → add one",
    isEquivalent: true,
    why: "its bits are in a character that is not written",
  },
  {
    path: "core/codec.ts",
    source: "(bytes[index + 2] ?? 0);",
    change: "0 → add one",
    isEquivalent: true,
    why: "its bits are in a character that is not written",
  },
  {
    path: "core/codec.ts",
    source: "while (at < end) text[at++] = PADDING;",
    change: "at < end → <=",
    isEquivalent: true,
    why: "the text has no place behind its last byte",
  },
  {
    path: "core/codec.ts",
    source: "const third = left > 2 ? sextet(text[index + 2] as number) : 0;",
    change: "0 → add one",
    isEquivalent: true,
    why: "it is not read where there are two characters",
  },
  {
    path: "core/codec.ts",
    source: "const fourth = left > 3 ? sextet(text[index + 3] as number) : 0;",
    change: "0 → add one",
    isEquivalent: true,
    why: "it is not read where there are three characters",
  },
  {
    path: "core/codec.ts",
    source: "else if (left > 2) invalid |= third & 3;",
    change: "left > 2 → true",
    isEquivalent: true,
    why: "of two characters the third is 0",
  },
  {
    path: "core/codec.ts",
    source: "else if (left > 2) invalid |= third & 3;",
    change: "left > 2 → >=",
    isEquivalent: true,
    why: "of two characters the third is 0",
  },
  {
    path: "core/sealed_key_mark.ts",
    source: "for (let at = 0; at + pattern.length <= bytes.length; at++) {",
    change: "at + pattern.length → -",
    isEquivalent: true,
    why: "behind the last byte there is none, and none is no mark",
  },
  {
    path: "core/sealed_key_mark.ts",
    source:
      "if (length >= 4 && length < MAGIC.length && hasAt(bytes, start, MAGIC.slice(0, length)))",
    change: "length < MAGIC.length → <=",
    isEquivalent: true,
    why: "the whole mark is found before",
  },
  {
    path: "core/sealed_key_mark.ts",
    source: "while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;",
    change: "at < bytes.length → <=",
    isEquivalent: true,
    why: "behind the last byte there is none, and none is no white space",
  },
  {
    path: "core/sealed_key_mark.ts",
    source: "return [3, 2, 1, 0].reduce((sum, index) => sum * 256 + (bytes[at + index] ?? 0), 0);",
    change: "0 → add one",
    isEquivalent: true,
    why: "where the field is cut off, no length fits",
  },
  {
    path: "core/sealed_key_mark.ts",
    source: "for (let at = 0; at < bytes.length; at++) {",
    change: "at < bytes.length → <=",
    isEquivalent: true,
    why: "behind the last byte there is none, and none is no digit",
  },
  {
    path: "core/sealed_key_mark.ts",
    source: "return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;",
    change: "1 → add one",
    isEquivalent: true,
    why: "every negative number stands for no digit",
  },
  {
    path: "core/standard/check_lender.ts",
    source: ".sort((a, b) => (a.rule < b.rule ? -1 : 1));",
    change: "a.rule < b.rule → <=",
    isEquivalent: true,
    why: "no rule is there twice",
  },
  {
    path: "core/standard/check_lender.ts",
    source: ".sort((a, b) => (a.rule < b.rule ? -1 : 1));",
    change: "1 → add one",
    isEquivalent: true,
    why: "the sign alone counts",
    times: 2,
  },
  {
    path: "core/stream_pieces.ts",
    source: 'if (!isBytes(piece)) throw wrongPiece("open", "a Uint8Array", piece);',
    change: "!isBytes(piece) → false",
    isEquivalent: true,
    why: "the next line refuses it in the same words",
  },
  {
    path: "core/stream_pieces.ts",
    source: 'if (this.#taken > this.#piece.length) throw changed("open");',
    change: "this.#taken > this.#piece.length → >=",
    isEquivalent: true,
    why: "the loop above goes on while they are equal",
  },
  {
    path: "core/stream_pieces.ts",
    source: "const SMALL_BYTES = 1024;",
    change: "1024 → add one",
    isEquivalent: true,
    why: "any number above 96 does: see the comment",
  },
];
