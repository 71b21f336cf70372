import { deriveInto } from "../../conformance/forensics/derived_needle.ts";

/** The seed of what every scanner under test holds, to be found by each look. */
export const CONTROL_SEED = 77;

/** Fills `bytes` with the password of `seed`: printable, so that it is sought as text too. */
export function passwordInto(seed: number, bytes: Uint8Array): void {
  deriveInto(seed, bytes);
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = 33 + ((bytes[index] ?? 0) % 94);
  }
}
