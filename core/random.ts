import { offHeapBytes } from "./bytes.ts";
import type { SecretMemory } from "./memory.ts";

/** The most that one call of `crypto.getRandomValues` fills (Web Crypto API, section 10.1.1). */
const MOST_PER_CALL = 65_536;

/**
 * Fills `bytes` at random, by the memory's own generator or by `crypto.getRandomValues`.
 *
 * Runtimes serve small requests from a block of random bytes that they made beforehand, and leave
 * what they handed out standing in it. So the web generator is followed by {@link FLUSH_CALLS}
 * small requests and a large one, which push the used block out.
 */
export function randomize(memory: SecretMemory, bytes: Uint8Array<ArrayBuffer>): void {
  if (memory.randomize !== undefined) {
    memory.randomize(bytes);
    return;
  }
  for (let start = 0; start < bytes.length; start += MOST_PER_CALL) {
    crypto.getRandomValues(bytes.subarray(start, start + MOST_PER_CALL));
  }
  flush();
}

function flush(): void {
  const waste = offHeapBytes(FLUSH_BYTES);
  for (let call = 0; call < FLUSH_CALLS; call++) crypto.getRandomValues(waste);
}
const FLUSH_BYTES = 512;
const FLUSH_CALLS = 8;

/** The one function of the web's `crypto` that core needs; all runtimes have it. */
declare const crypto: {
  getRandomValues<T extends Uint8Array<ArrayBuffer>>(bytes: T): T;
};
