import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { lengthOf, publicBytes } from "../../core/arguments/check_bytes.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { exposeAll } from "../../core/expose_all.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { lendingOf } from "../../core/standard/lender.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";
import { tryAll } from "../../core/try_all.ts";

/** What may be a message: a secret, or bytes that are in the open anyway. */
export type Message = SecretBuffer | Uint8Array;

/** What a list of inputs is once it was adopted. Nothing is checked by that. */
export type Adopted<I extends readonly unknown[]> = {
  readonly [K in keyof I]: I[K] extends StandardSecretV1
    ? SecretBuffer
    : I[K] extends StandardSecretV1 | undefined
      ? SecretBuffer | undefined
      : I[K] extends SecretInput
        ? Message
        : Message | undefined;
};

/**
 * Calls `use` with copies of what other libraries' secrets lend, in the memory of `secrets`, and destroys the
 * copies. All else it gets as it is: checked by nobody. An engine reads its inputs more than once, and a
 * lender could change them in between.
 */
export function adopting<const I extends readonly unknown[], T>(
  secrets: Pick<Secrets, "adopt">,
  inputs: I,
  use: (...own: Adopted<I>) => T,
): T {
  if (!inputs.some(isForeign)) return use(...(inputs as unknown as Adopted<I>));
  const copies = new Set<SecretBuffer>();
  try {
    return use(...adoptAll(secrets, inputs, copies));
  } finally {
    destroyAll(copies);
  }
}

/** Whether it is a secret that another library lends. */
function isForeign(input: unknown): input is StandardSecretV1 {
  return !isSecretBuffer(input) && lendingOf(input) !== null;
}

/** As {@link adopting}, until what `use` returns has settled. */
export async function adoptingUntil<const I extends readonly unknown[], T>(
  secrets: Pick<Secrets, "adopt">,
  inputs: I,
  use: (...own: Adopted<I>) => Promise<T>,
): Promise<T> {
  const copies = new Set<SecretBuffer>();
  try {
    return await use(...adoptAll(secrets, inputs, copies));
  } finally {
    destroyAll(copies);
  }
}

/** @param copies a set: what lies at an index of `Array.prototype` could keep `push` from adding to a list */
function adoptAll<I extends readonly unknown[]>(
  secrets: Pick<Secrets, "adopt">,
  inputs: I,
  copies: Set<SecretBuffer>,
): Adopted<I> {
  const own = inputs.map((input) => {
    if (!isForeign(input)) return input;
    const copy = secrets.adopt(input);
    copies.add(copy);
    return copy;
  });
  return own as unknown as Adopted<I>;
}

function destroyAll(copies: ReadonlySet<SecretBuffer>): void {
  tryAll([...copies].map((copy) => () => copy.destroy()));
}

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
    throw wrongType(
      `Cannot ${verb} as ${parameter} must be a SecretBuffer: current value is ${kindOf(value)}; ${remedyFor(value)}`,
    );
  }
  if (value.byteLength >= fewest && value.byteLength <= most) return;
  const wanted = fewest === most ? `${fewest}` : `${fewest} to ${most}`;
  throw outOfRange(`Cannot ${verb} as ${parameter} must have ${wanted} bytes`);
}

/** How the caller gets there: with bytes, or with a secret that another library made. */
export function remedyFor(value: unknown): string {
  return lendingOf(value) === null
    ? "take it in with secrets.move()"
    : "take a copy in with secrets.adopt()";
}

/**
 * A message as it is used: a secret, or a view of plain bytes as {@link publicBytes} makes it.
 *
 * @throws {TypeError} for anything else
 */
export function messageOf(value: unknown, verb: string, parameter: string = "message"): Message {
  return isSecretBuffer(value) ? value : publicBytes(value, verb, parameter);
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
      isSecretBuffer(message) ? (views[next++] as Uint8Array) : message,
    );
    return use(...(bytes as { [K in keyof M]: Uint8Array }));
  });
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
