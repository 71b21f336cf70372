import { outOfRange, wrongKind } from "./arguments/argument_error.ts";
import { checkKind, lengthOf } from "./arguments/check_bytes.ts";
import { withInput } from "./standard/lender.ts";
import type { SecretInput } from "./standard/standard.ts";

/**
 * A zero-filled `Uint8Array` whose bytes lie off the garbage-collected heap, for secret bytes on
 * their way into {@link Secrets.move} or {@link Secrets.decode}.
 *
 * `new Uint8Array(32)` is the wrong container: engines keep arrays of 64 bytes or less inside the
 * garbage-collected heap (V8 `typed_array_max_size_in_heap`; JavaScriptCore likewise), where a collection
 * copies them and `fill(0)` reaches only the last copy. Wiping the result of this function wipes
 * the only copy there is, as long as nobody resizes, slices or transfers it.
 *
 * @param byteLength an integer from 1 to 2^31 - 1
 * @throws {RangeError} for another length
 *
 * @example
 * ```ts
 * import { closeSync, openSync, readSync } from "node:fs";
 * import { offHeapBytes, openSecrets } from "lethe";
 *
 * const file = openSync("/dev/urandom", "r"); // any file, pipe or socket
 * const bytes = offHeapBytes(32);
 * readSync(file, bytes);
 * closeSync(file);
 * const key = openSecrets().move(bytes); // `bytes` is zero now
 * key.destroy();
 * ```
 */
export function offHeapBytes(byteLength: number): Uint8Array<ArrayBuffer> {
  checkByteLength(byteLength, "allocate");
  // SpiderMonkey keeps up to 96 bytes inside the ArrayBuffer object, which the collector moves
  // (ArrayBufferObject::MaxInlineBytes), so that a longer buffer is taken than is handed out.
  return new Uint8Array(new ArrayBuffer(Math.max(byteLength, SMALLEST_BUFFER)), 0, byteLength);
}

/** Above every engine's bound for keeping the bytes of a buffer inside a collected object. */
export const SMALLEST_BUFFER = 256;

/** The most bytes of one secret: what every engine's typed arrays and `int` lengths in C take. */
export const MAX_BYTE_LENGTH: number = 2 ** 31 - 1;

/** @throws {TypeError | RangeError} unless `byteLength` is an integer from 1 to 2^31 - 1 */
export function checkByteLength(byteLength: unknown, verb: string): asserts byteLength is number {
  if (typeof byteLength !== "number") {
    throw wrongKind(`Cannot ${verb} secret as byteLength must be a number`, byteLength);
  }
  if (!Number.isInteger(byteLength) || byteLength < 1 || byteLength > MAX_BYTE_LENGTH) {
    throw outOfRange(
      `Cannot ${verb} secret as byteLength must be an integer from 1 to ${MAX_BYTE_LENGTH}: current value is ${byteLength}`,
    );
  }
}

// Taken from the prototype once, so that a subclass or a patched instance cannot keep its bytes from
// being wiped.
const { fill } = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;

/**
 * Overwrites with zeros and reads back.
 *
 * @returns whether each byte read back as zero
 * @throws {TypeError} unless `bytes` is a `Uint8Array`
 *
 * @example
 * ```ts
 * import { wipeBytes } from "lethe";
 *
 * const bytes = new Uint8Array(new ArrayBuffer(32)).fill(7);
 * wipeBytes(bytes); // true: all of it is zero
 * ```
 */
export function wipeBytes(bytes: Uint8Array): boolean {
  checkKind(bytes, "wipe secret", "bytes");
  Reflect.apply(fill, bytes, [0]);
  const length = lengthOf(bytes);
  let seen = 0;
  for (let index = 0; index < length; index++) seen |= bytes[index] as number;
  return seen === 0;
}

/**
 * Compares without stopping early: the time depends on the length alone.
 *
 * That holds for the operations written here. A just-in-time compiler gives no promise about the
 * machine code, so treat it as best effort against a remote attacker, not against one who shares
 * the core.
 *
 * @param left plain bytes, or a secret that lends them
 * @throws {TypeError} for anything else
 * @throws {RangeError} when one is empty: views that outlived their scopes would all be equal
 *
 * @example
 * ```ts
 * import { equalBytes } from "lethe";
 *
 * equalBytes(new Uint8Array([1, 2]), new Uint8Array([1, 2])); // true
 * ```
 */
export function equalBytes(left: SecretInput, right: SecretInput): boolean {
  return withInput(left, "compare secret", "left", (left) =>
    withInput(right, "compare secret", "right", (right) => compare(left, right)),
  );
}

function compare(left: Uint8Array, right: Uint8Array): boolean {
  const length = lengthOf(left);
  if (length !== lengthOf(right)) return false;
  let difference = 0;
  for (let index = 0; index < length; index++) {
    difference |= (left[index] as number) ^ (right[index] as number);
  }
  return difference === 0;
}
