import { optional } from "./arguments/own.ts";
import type { SecretMemory } from "./contract/memory.ts";
import { monotonicNow } from "./globals.ts";
import { MemorySecrets, partsOf } from "./memory_secrets.ts";
import { fillPublic } from "./random.ts";

/** Makes bytes that are not secret, such as a nonce or a salt. */
export interface Fresh {
  /** Whether it asks the system each time. */
  readonly asksSystem: boolean;
  /** Fills from 8 to 65,536 bytes. */
  fill(bytes: Uint8Array<ArrayBuffer>): void;
}

/**
 * {@link Fresh} by a memory's generator; else from a block of the system's bytes, or by the web's generator.
 *
 * Those two keep their state, and what they have in advance, in the memory of the process: a process that is
 * continued twice from one image (a snapshot of a virtual machine, CRIU) gets the same bytes from it in
 * both. A memory's asks the system each time, and the system may repeat itself for some seconds after a
 * virtual machine was restored. See docs/snapshots.md.
 *
 * So the first 8 bytes are also changed by the time and by a count: that takes nothing from random bytes,
 * and tells bytes apart that would be the same.
 */
export function freshBy(memory: SecretMemory): Fresh {
  const own = optional(memory, "randomize");
  if (own === undefined || optional(memory, "randomizesSlowly") === true) return OF_THE_PROCESS;
  return {
    asksSystem: true,
    fill(bytes) {
      Reflect.apply(own, memory, [bytes]);
      stir(bytes);
    },
  };
}

const OF_THE_PROCESS: Fresh = {
  asksSystem: false,
  fill(bytes) {
    fillPublic(bytes);
    stir(bytes);
  },
};

/** Calls of {@link stir} in this copy of Lethe and this thread. */
let stirred = 0;

/** Changes the first 8 bytes by the time and by a count. */
export function stir(bytes: Uint8Array): void {
  stirred += 1;
  const nanoseconds = (monotonicNow() * 1e6) >>> 0; // the lower 32 bits
  for (let at = 0; at < 4; at++) {
    bytes[at] = (bytes[at] as number) ^ (nanoseconds >>> (8 * at));
    bytes[at + 4] = (bytes[at + 4] as number) ^ (stirred >>> (8 * at));
  }
}

const KNOWN = /* @__PURE__ */ new WeakMap<object, Fresh>();

/** {@link freshBy} the memory of these secrets; that of secrets that somebody else made is not known. */
export function freshOf(secrets: object): Fresh {
  const known = KNOWN.get(secrets);
  if (known !== undefined) return known;
  if (!MemorySecrets.is(secrets)) return OF_THE_PROCESS;
  const fresh = freshBy(partsOf(secrets).memory);
  KNOWN.set(secrets, fresh);
  return fresh;
}
