import { optional } from "./arguments/own.ts";
import { offHeapBytes } from "./bytes.ts";
import type { SecretMemory } from "./contract/memory.ts";
import { fillRandom } from "./globals.ts";

/** The most that one call of `crypto.getRandomValues` fills (Web Crypto API, section 10.1.1). */
const MOST_PER_CALL = 65_536;

/** The largest request that Bun still serves from its block; Deno serves any from its own. */
const FLUSH_BYTES = 256;
/** Twice the largest block: Bun's has 2048 bytes, Deno's 256. */
const FLUSH_CALLS = 16;

/**
 * Fills `bytes` at random, by the memory's own generator or by `crypto.getRandomValues`.
 *
 * Deno 2.9 and Bun 1.4 serve random bytes from a block made beforehand, and what they handed out
 * stays standing in it: a scan finds a fresh 32-byte key there, whole. So the web generator is
 * followed by requests that use up the block, until it is filled anew. Node 22 to 26 keep nothing
 * (all measured by a scan of the process; the conformance suite scans again on each run).
 *
 * It cannot be promised for a runtime that was not measured.
 */
export function randomize(memory: SecretMemory, bytes: Uint8Array<ArrayBuffer>): void {
  const own = optional(memory, "randomize");
  if (own === undefined) fillAndFlush(bytes);
  else Reflect.apply(own, memory, [bytes]);
}

/** What a server has for random bytes. Each call says whether it filled them. */
export interface SystemRandom {
  /** Asks the system for them, and keeps none. */
  fill(bytes: Uint8Array): boolean;
  /** For bytes that are not secret: they may lie in a block that was asked for before. */
  fillPublic(bytes: Uint8Array): boolean;
}

let system: SystemRandom | null = null;

/** From here on random bytes come from a server's own way to its system, as far as that goes. */
export function giveSystemRandom(given: SystemRandom): void {
  system = given;
}

/** Fills `bytes` from the system; else by the web's generator, and flushes what that may have buffered. */
export function fillAndFlush(bytes: Uint8Array): void {
  if (system?.fill(bytes)) return;
  for (let start = 0; start < bytes.length; start += MOST_PER_CALL) {
    const length = Math.min(MOST_PER_CALL, bytes.length - start);
    fillRandom(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length));
  }
  const waste = offHeapBytes(FLUSH_BYTES);
  for (let call = 0; call < FLUSH_CALLS; call++) fillRandom(waste);
}

/** Fills `bytes`, which are not secret, from a block of the system's; else by the web's generator. */
export function fillPublic(bytes: Uint8Array): void {
  if (!system?.fillPublic(bytes)) fillRandom(bytes);
}
