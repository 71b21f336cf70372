import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import type { WorkingMemory } from "./working_memory.ts";

/**
 * A secret to look for.
 *
 * A scan reads `bytes` where they are: it makes no copy of them, and does not change them. They stay
 * the caller's, to be wiped when no further scan needs them. Take them from a scope of a secret, or
 * from `offHeapBytes`, and never from a string: what the caller holds in ordinary memory lies in the
 * scanning process for another scanner to find.
 *
 * ```ts
 * import { openSecrets } from "lethe";
 * import { scanProcess } from "lethe/conformance";
 *
 * const secret = openSecrets().random(32);
 * const result = secret.expose((bytes) => scanProcess(process.ppid, [{ label: "api key", bytes }]));
 * console.log(result.outcome);
 * ```
 */
export interface Needle {
  /** How findings name it. Never put secret bytes here. */
  readonly label: string;
  /** At least 8 bytes; 16 or more are advised. */
  readonly bytes: Uint8Array;
}

/** Below this a match by chance is likely: 100 MB hold about 2^27 places, 4 bytes have 2^32 values. */
export const SHORTEST_NEEDLE = 8;

/** Above this the windows that a match must fit into grow past a megabyte. */
export const LONGEST_NEEDLE = 16384;

/** Residue of this many secret bytes counts, unless the caller says otherwise. */
export const DEFAULT_FRAGMENT_BYTES = 16;

const FEWEST_DISTINCT = 4;

/** A checked needle and its fragment rule. */
export interface PreparedNeedle {
  readonly label: string;
  /** The caller's. */
  readonly bytes: Uint8Array;
  /** A run must cover this many neighbouring secret bytes to be residue. */
  readonly fragmentBytes: number;
  /**
   * `telling[k]` is 1 when the `fragmentBytes` secret bytes from `k` on have at least four distinct
   * values. A run without one such stretch (zero padding, say) is found by chance everywhere and is
   * never reported.
   */
  readonly telling: Uint8Array;
}

/** Checks `needle`. What it keeps of it is in `working`. */
export function prepareNeedle(
  needle: Needle,
  fragmentBytes: number,
  working: WorkingMemory,
): PreparedNeedle {
  const { label, bytes } = needle;
  if (typeof label !== "string") throw wrongType("Cannot scan as needle.label must be a string");
  if (!isBytes(bytes)) {
    throw wrongType(`Cannot scan for ${label} as needle.bytes must be a Uint8Array`);
  }
  if (bytes.length < SHORTEST_NEEDLE || bytes.length > LONGEST_NEEDLE) {
    throw outOfRange(
      `Cannot scan for ${label} as a needle must have ${SHORTEST_NEEDLE} to ${LONGEST_NEEDLE} bytes (a shorter one is found by chance; 16 or more are advised): current length is ${bytes.length}`,
    );
  }
  if (!Number.isInteger(fragmentBytes) || fragmentBytes < SHORTEST_NEEDLE) {
    throw outOfRange(
      `Cannot scan as fragmentBytes must be an integer of ${SHORTEST_NEEDLE} or more (a shorter run is found by chance): current value is ${fragmentBytes}`,
    );
  }
  const length = Math.min(fragmentBytes, bytes.length);
  const telling = tellingWindows(bytes, length, working);
  if (!telling.includes(1)) {
    throw outOfRange(
      `Cannot scan for ${label} as no ${length} bytes of it have ${FEWEST_DISTINCT} distinct values: so regular a needle is found by chance`,
    );
  }
  return { label, bytes, fragmentBytes: length, telling };
}

// By internal slot: of any realm, and no look-alike. It does not touch `buffer`, of which an engine makes
// another copy where the bytes are in its collected heap.
const readTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)?.get as () => unknown;

function isBytes(value: unknown): value is Uint8Array {
  return Reflect.apply(readTag, value, []) === "Uint8Array";
}

/** Whether a run over the secret bytes from `first` up to `end` (not included) is residue. */
export function isResidue(needle: PreparedNeedle, first: number, end: number): boolean {
  for (let k = first; k + needle.fragmentBytes <= end; k += 1) {
    if (needle.telling[k] === 1) return true;
  }
  return false;
}

function tellingWindows(bytes: Uint8Array, length: number, working: WorkingMemory): Uint8Array {
  const telling = working.bytes(bytes.length - length + 1);
  const count = working.words(256);
  let distinct = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const added = bytes[index] ?? 0;
    count[added] = (count[added] ?? 0) + 1;
    if (count[added] === 1) distinct += 1;
    if (index >= length) {
      const gone = bytes[index - length] ?? 0;
      count[gone] = (count[gone] ?? 0) - 1;
      if (count[gone] === 0) distinct -= 1;
    }
    if (index >= length - 1) telling[index - length + 1] = distinct >= FEWEST_DISTINCT ? 1 : 0;
  }
  return telling;
}
