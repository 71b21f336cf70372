// How the bytes of a conversation are damaged by fuzz tests.
import fc from "fast-check";

/** One change: a byte is set, lost, or repeated with those behind it, or all from there on is cut off. */
export interface Edit {
  readonly at: number;
  readonly kind: "set" | "remove" | "repeat" | "cut";
  readonly byte: number;
}

/** Up to three changes, at places from 0 to `most`: modulo the length of a shorter text. */
export function editsUpTo(most: number): fc.Arbitrary<readonly Edit[]> {
  const edit = fc.record({
    at: fc.nat({ max: most }),
    kind: fc.constantFrom("set" as const, "remove" as const, "repeat" as const, "cut" as const),
    byte: fc.oneof(fc.constantFrom(10, 13, 32, 45, 61, 62, 0, 255), fc.nat({ max: 255 })),
  });
  return fc.array(edit, { maxLength: 3 });
}

/** `text` with these changes. */
export function edited(text: string, edits: readonly Edit[]): Uint8Array<ArrayBuffer> {
  let bytes = [...Buffer.from(text)];
  for (const { at, kind, byte } of edits) {
    const place = at % Math.max(1, bytes.length);
    if (kind === "set") bytes[place] = byte;
    else if (kind === "remove") bytes.splice(place, 1);
    else if (kind === "repeat") bytes.splice(place, 0, ...bytes.slice(place, place + 80));
    else bytes = bytes.slice(0, place);
  }
  return Uint8Array.from(bytes);
}
