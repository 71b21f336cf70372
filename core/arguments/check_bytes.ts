import { outOfRange, wrongKind, wrongType } from "./argument_error.ts";

// What a value is, is asked of its internal slots, by accessors that are taken from the prototype
// once: so a `Uint8Array` of another realm passes (a vm context, a frame, jsdom), and neither a
// look-alike nor a proxy does. A subclass or a patched instance can neither shorten itself nor say
// that it is something else.
const TYPED_ARRAY: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype);
const readTag = getter(TYPED_ARRAY, Symbol.toStringTag);
const readLength = getter(TYPED_ARRAY, "length");
const readOffset = /* @__PURE__ */ getter(TYPED_ARRAY, "byteOffset");
const readBuffer = getter(TYPED_ARRAY, "buffer");
/** It throws for a SharedArrayBuffer. */
const readBufferLength = getter(ArrayBuffer.prototype, "byteLength");
/** Absent in engines before 2023. */
const readDetached = getter(ArrayBuffer.prototype, "detached");
const { includes, set } = TYPED_ARRAY;

function getter(prototype: object, key: PropertyKey): (() => unknown) | undefined {
  return Object.getOwnPropertyDescriptor(prototype, key)?.get;
}

function read(accessor: (() => unknown) | undefined, value: object): unknown {
  return accessor === undefined ? undefined : Reflect.apply(accessor, value, []);
}

/** True for a `Uint8Array` of any realm and of any subclass, such as a Buffer. */
export function isBytes(value: unknown): value is Uint8Array {
  return typeof value === "object" && value !== null && read(readTag, value) === "Uint8Array";
}

/** The true length of `bytes`, whatever its class says. */
export function lengthOf(bytes: Uint8Array): number {
  return read(readLength, bytes) as number;
}

/**
 * `target.set(source, at)` by the method that was there when Lethe was loaded: a program that wraps it later
 * neither sees secret bytes nor keeps them from being copied.
 */
export function copyBytes(target: Uint8Array, source: Uint8Array, at: number = 0): void {
  Reflect.apply(set, target, [source, at]);
}

/**
 * Bytes on their way into secret memory, or to be compared with a secret: there, whole, and not empty.
 *
 * Neither this nor what follows from it touches their `buffer`: V8 and JavaScriptCore keep small
 * arrays in the collected heap, and copy the bytes out, for good, when it is asked for. That is also why
 * memory that is shared with other threads is taken here: to see it would take that copy.
 *
 * @param verb what cannot be done, for the message: `move secret`
 * @throws {TypeError} unless it is a `Uint8Array`; for a string it says why strings are refused
 * @throws {RangeError} when it is empty
 */
export function checkBytes(
  value: unknown,
  verb: string,
  parameter: string,
): asserts value is Uint8Array {
  checkKind(value, verb, parameter);
  if (lengthOf(value) > 0) return;
  throw outOfRange(
    `Cannot ${verb} as ${parameter} must have at least 1 byte: it is ${loss(value) ?? "empty"}`,
  );
}

/** @throws {TypeError} unless it is a `Uint8Array`, of any length */
export function checkKind(
  value: unknown,
  verb: string,
  parameter: string,
): asserts value is Uint8Array {
  const cannot = `Cannot ${verb} as ${parameter} must be a Uint8Array`;
  if (typeof value === "string") {
    throw wrongType(
      `${cannot}: current value is a string, and a string can never be wiped; read the bytes themselves (a file, a pipe, a prompt) into offHeapBytes() and pass those`,
    );
  }
  if (!isBytes(value)) throw wrongKind(`${cannot}`, value);
}

/**
 * Bytes that are not secret, as a view of its own over the same memory: of this realm, of the class
 * `Uint8Array` itself, and of a length that stays. It may be empty.
 *
 * @param byteLength the length that it must have, where only one will do
 * @throws {TypeError} unless it is a `Uint8Array` whose bytes are there, and are not shared with other
 * threads, which could change them between two looks of an engine
 * @throws {RangeError} for another length
 */
export function publicBytes(
  value: unknown,
  verb: string,
  parameter: string,
  byteLength?: number,
): Uint8Array<ArrayBuffer> {
  const cannot = `Cannot ${verb} as ${parameter} must`;
  if (!isBytes(value)) {
    throw wrongKind(`${cannot} be a Uint8Array`, value);
  }
  const buffer = read(readBuffer, value) as ArrayBuffer;
  if (isShared(buffer)) {
    throw wrongType(`${cannot} not be shared with other threads; pass a copy`);
  }
  const length = lengthOf(value);
  const lost = length === 0 ? loss(value) : null;
  if (lost !== null) throw wrongType(`${cannot} hold its bytes: it is ${lost}`);
  if (byteLength !== undefined && length !== byteLength) {
    throw outOfRange(`${cannot} have ${byteLength} bytes: it has ${length}`);
  }
  return new Uint8Array(buffer, read(readOffset, value) as number, length);
}

/** Why there is nothing in a view of length 0 that was made over bytes; null: it never had any. */
function loss(empty: Uint8Array): "detached" | "out of the bounds of its buffer" | null {
  try {
    Reflect.apply(includes, empty, [0]); // it throws for a view that is not valid
    return null;
  } catch {
    const buffer = read(readBuffer, empty) as ArrayBuffer;
    const detached = isShared(buffer) ? false : (read(readDetached, buffer) ?? true);
    return detached ? "detached" : "out of the bounds of its buffer";
  }
}

function isShared(buffer: ArrayBuffer): boolean {
  try {
    read(readBufferLength, buffer);
    return false;
  } catch {
    return true;
  }
}
