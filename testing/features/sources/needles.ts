import { derivedNeedle, type Needle } from "../../../conformance/mod.ts";

/** What each source of the residue test holds, by a seed that tells nothing of it. */
export const SEEDS = {
  file: 301,
  descriptor: 302,
  program: 303,
  "a program that fails": 304,
  "a program that is too slow": 305,
  "a program that prints too much": 306,
  "a refused file": 307,
  "a witness": 308,
} as const;

export type Label = keyof typeof SEEDS;

/** Bytes that are not a line: none of them is a newline or zero. */
export function needleOf(label: Label, byteLength: number = 48): Needle {
  const { bytes } = derivedNeedle(SEEDS[label], byteLength, label);
  return {
    label,
    bytes: bytes.map((byte) => (byte === 0 || byte === 10 || byte === 13 ? 65 : byte)),
  };
}

/** The value of a variable: text, and as long as a token. */
export function variableNeedle(): Needle {
  const { bytes } = derivedNeedle(309, 48, "a variable");
  return { label: "a variable", bytes: bytes.map((byte) => 97 + (byte % 26)) };
}

export const VARIABLE = "LETHE_TEST_TOKEN";
