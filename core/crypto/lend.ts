import { kindOf, lengthOf } from "../bytes.ts";
import { exposeAll } from "../expose_all.ts";
import { isSecretBuffer, type SecretBuffer } from "../secret_buffer.ts";
import type { Secrets } from "../secrets.ts";

/** What may be a message: a secret, or bytes that are in the open anyway. */
export type Message = SecretBuffer | Uint8Array;

/**
 * @throws {TypeError} unless it is a secret: a key in plain bytes has been copied who knows where
 * @throws {RangeError} for another length; which one it has is not told
 */
export function checkSecret(
  value: unknown,
  verb: string,
  parameter: string,
  fewest: number = 1,
  most: number = fewest,
): asserts value is SecretBuffer {
  if (!isSecretBuffer(value)) {
    throw new TypeError(
      `Cannot ${verb} as ${parameter} must be a SecretBuffer: current value is ${kindOf(value)}; take it in with secrets.move()`,
    );
  }
  if (value.byteLength >= fewest && value.byteLength <= most) return;
  const wanted = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
  throw new RangeError(`Cannot ${verb} as ${parameter} must have ${wanted} bytes`);
}

/**
 * @throws {TypeError} unless it is a `Uint8Array`, not shared and not detached
 * @throws {RangeError} for another length
 */
export function checkPublic(
  value: unknown,
  verb: string,
  parameter: string,
  byteLength?: number,
): asserts value is Uint8Array {
  const cannot = `Cannot ${verb} as ${parameter} must`;
  if (!(value instanceof Uint8Array) || !ArrayBuffer.isView(value)) {
    throw new TypeError(`${cannot} be a Uint8Array: current value is ${kindOf(value)}`);
  }
  const { buffer } = value;
  // Another thread could change shared bytes between two looks that an engine takes at them.
  if (!(buffer instanceof ArrayBuffer)) {
    throw new TypeError(`${cannot} not be shared with other threads; pass a copy`);
  }
  if (buffer.detached) throw new TypeError(`${cannot} hold its bytes: it is detached`);
  const length = lengthOf(value);
  if (byteLength === undefined || length === byteLength) return;
  throw new RangeError(`${cannot} have ${byteLength} bytes: it has ${length}`);
}

/** The checked bytes, without a subclass's own idea of their length. */
export function publicBytes(
  value: unknown,
  verb: string,
  parameter: string,
  byteLength?: number,
): Uint8Array {
  checkPublic(value, verb, parameter, byteLength);
  return plain(value);
}

export function checkMessage(
  value: unknown,
  verb: string,
  parameter: string = "message",
): asserts value is Message {
  if (!isSecretBuffer(value)) checkPublic(value, verb, parameter);
}

/** @throws {TypeError | RangeError} unless it is an integer in the range */
export function checkInteger(
  value: unknown,
  verb: string,
  parameter: string,
  least: number,
  most: number,
): asserts value is number {
  const cannot = `Cannot ${verb} as ${parameter} must be`;
  if (typeof value !== "number") {
    throw new TypeError(`${cannot} a number: current value is ${kindOf(value)}`);
  }
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${cannot} an integer from ${least} to ${most}: current value is ${value}`);
}

/** Lends the bytes of each for the time of `use`: a secret's inside its scope, plain ones as they are. */
export function lend<const M extends readonly Message[], T>(
  messages: M,
  use: (...bytes: { [K in keyof M]: Uint8Array }) => T,
): T {
  const secrets = messages.filter(isSecretBuffer);
  return exposeAll(secrets, (views) => {
    let next = 0;
    const bytes = messages.map((message) =>
      isSecretBuffer(message) ? (views[next++] as Uint8Array) : plain(message),
    );
    return use(...(bytes as { [K in keyof M]: Uint8Array }));
  });
}

function plain(bytes: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(bytes) === Uint8Array.prototype
    ? bytes
    : new Uint8Array(bytes.buffer, bytes.byteOffset, lengthOf(bytes));
}

/** Length of a message, whatever it is. */
export function lengthOfMessage(message: Message): number {
  return isSecretBuffer(message) ? message.byteLength : lengthOf(message);
}

/** A new secret that `write` fills in place; when that throws, there is none. */
export function born(
  secrets: Secrets,
  byteLength: number,
  write: (bytes: Uint8Array<ArrayBuffer>) => void,
): SecretBuffer {
  const secret = secrets.allocate(byteLength);
  try {
    secret.modify(write);
  } catch (error) {
    secret.destroy();
    throw error;
  }
  return secret;
}

/** Bytes of a scope's view, from `start` on. Detached with the view. */
export function part(
  { buffer, byteOffset }: Uint8Array<ArrayBuffer>,
  start: number,
  byteLength: number,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer, byteOffset + start, byteLength);
}
