import { offHeapBytes } from "../../core/bytes.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";

/** On both sides of each engine's and each page's bounds. */
export const SIZES: readonly number[] = [1, 16, 32, 64, 65, 4095, 4096, 4097, 1_048_576];

/** `byteLength` bytes that are never all zero, off the heap. */
export function sample(byteLength: number, seed: number = 7): Uint8Array<ArrayBuffer> {
  const bytes = offHeapBytes(byteLength);
  for (let index = 0; index < byteLength; index++) bytes[index] = ((index * 31 + seed) % 255) | 1;
  return bytes;
}

/** The characters of `text`, which must be ASCII. */
export function ascii(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A copy of what a secret holds. */
export function read(secret: SecretBuffer): Uint8Array<ArrayBuffer> {
  return secret.expose((bytes) => bytes.slice());
}

/** Whether a secret holds exactly `expected`; large arrays take the runner's own equality seconds. */
export function holds(secret: SecretBuffer, expected: Uint8Array): boolean {
  return secret.expose(
    (bytes) =>
      bytes.length === expected.length && bytes.every((byte, index) => byte === expected[index]),
  );
}

/** What `run` throws. */
export function thrown(run: () => unknown): Error & { readonly code?: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error("Something that is not an Error was thrown");
  }
  throw new Error("Nothing was thrown");
}

/** A promise with its ends in hand. */
export interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export function defer(): Deferred {
  return Promise.withResolvers<void>();
}
