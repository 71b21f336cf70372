import type { Needle } from "./needle.ts";

const NEEDLE_STREAM = 1;
const PAD_STREAM = 0x80000001;

/**
 * Fills `bytes` with the test needle of `seed`.
 *
 * Scanner and target derive the same needle from a number, so that neither a command line, a source
 * file nor a message between them holds it. Each step of the generator writes one byte, so no word
 * of its state ever holds two neighbouring bytes of the needle.
 *
 * It is **not** cryptographic: anyone who knows the seed, or guesses its 32 bits, has the bytes. Use it
 * for needles in tests and for nothing else.
 *
 * This file imports nothing at run time: targets in every runtime load it.
 *
 * @param seed an integer from 0 to 2^32 - 1
 * @throws {RangeError} for another seed
 *
 * @example
 * ```ts
 * import { deriveInto } from "lethe/conformance";
 *
 * const bytes = new Uint8Array(new ArrayBuffer(32));
 * deriveInto(42, bytes); // the target's side; the scanner has derivedNeedle(42, 32)
 * ```
 */
export function deriveInto(seed: number, bytes: Uint8Array): void {
  const next = generator(seed, NEEDLE_STREAM);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = next();
}

/**
 * The needle of `seed`, for the scanner's side. Not cryptographic: see {@link deriveInto}.
 *
 * @param seed an integer from 0 to 2^32 - 1
 * @param byteLength bytes of the needle
 * @throws {RangeError} for another seed or length
 *
 * @example
 * ```ts
 * import { derivedNeedle } from "lethe/conformance";
 *
 * console.log(derivedNeedle(42, 32).label); // "derived from seed 42"
 * ```
 */
export function derivedNeedle(
  seed: number,
  byteLength: number,
  label: string = `derived from seed ${seed}`,
): Needle {
  // Off the collected heap: V8 and JSC keep short typed arrays inside it and copy them about.
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  deriveInto(seed, bytes);
  return { label, bytes };
}

/**
 * A copy of `bytes`, XORed with the pad of `seed`: how a target reveals a randomly born secret to the
 * scanner without sending a form of it that the scanner looks for.
 *
 * It hides nothing from anyone who knows the seed. Use one seed for one secret: the XOR of two
 * secrets under the same pad is the XOR of the secrets.
 *
 * @throws {RangeError} for a seed that is not an integer from 0 to 2^32 - 1
 *
 * @example
 * ```ts
 * import { mask, unmask } from "lethe/conformance";
 *
 * const masked = mask(7, new Uint8Array([1, 2, 3]));
 * console.log(unmask(7, masked)); // 1, 2, 3
 * ```
 */
export function mask(seed: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = generator(seed, PAD_STREAM);
  const masked = new Uint8Array(new ArrayBuffer(bytes.length));
  for (let index = 0; index < bytes.length; index += 1)
    masked[index] = (bytes[index] ?? 0) ^ next();
  return masked;
}

/**
 * Undoes {@link mask}. Call it in the scanner only: the result is the secret.
 *
 * @throws {RangeError} as `mask`
 *
 * @example
 * ```ts
 * import { mask, unmask } from "lethe/conformance";
 *
 * unmask(7, mask(7, new Uint8Array([1, 2, 3]))); // 1, 2, 3
 * ```
 */
export function unmask(seed: number, masked: Uint8Array): Uint8Array<ArrayBuffer> {
  return mask(seed, masked);
}

/** sfc32 (Doty-Humphrey, PractRand), its state filled by splitmix32; the high byte of each output. */
function generator(seed: number, stream: number): () => number {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new RangeError(
      `Cannot derive needle as seed must be an integer from 0 to 2^32 - 1: current value is ${seed}`,
    );
  }
  let mixer = seed | 0;
  const mix = (): number => {
    mixer = (mixer + 0x9e3779b9) | 0;
    let z = Math.imul(mixer ^ (mixer >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = stream | 0;
  const next = (): number => {
    const output = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + output) | 0;
    return output >>> 24;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}
