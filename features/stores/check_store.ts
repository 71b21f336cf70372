import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { timeOfDate } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { isSecretBuffer } from "../../core/mod.ts";
import type { RemoveOptions, WriteOptions } from "./store.ts";
import type { StoreVerb } from "./store_error.ts";

/** The most bytes of an envelope in a store: etcd takes 1.5 MiB with all that is around it. */
export const MOST_ENVELOPE_BYTES: number = 2 ** 20;

/** @throws {TypeError} unless it is 1 to 200 characters of visible ASCII */
export function checkKey(key: unknown, verb: StoreVerb): asserts key is string {
  if (typeof key === "string" && /^[\x21-\x7e]{1,200}$/.test(key)) return;
  throw wrongKind(
    `Cannot ${verb} stored envelope as key must be 1 to 200 visible ASCII characters`,
    key,
  );
}

/** A copy of the bytes. */
export function checkEnvelope(envelope: unknown): Uint8Array<ArrayBuffer> {
  if (isSecretBuffer(envelope)) {
    throw wrongType("Cannot write stored envelope as it must be ciphertext: it is a SecretBuffer");
  }
  const bytes = publicBytes(envelope, "write stored envelope", "envelope");
  if (bytes.length < 1 || bytes.length > MOST_ENVELOPE_BYTES) {
    throw outOfRange(
      `Cannot write stored envelope as it must have 1 to ${MOST_ENVELOPE_BYTES} bytes: it has ${bytes.length}`,
    );
  }
  return new Uint8Array(bytes);
}

/** The options of a write, each read once. */
export function checkWriting(given: WriteOptions): WriteOptions & { readonly end: number | null } {
  const options = readOptions(given, "write stored envelope", ["expected", "expiresAt", "signal"]);
  const { expected, expiresAt, signal } = options;
  if (expected !== null) checkRevision(expected, "write");
  const end = expiresAt === undefined ? null : timeOfDate(expiresAt);
  if (Number.isNaN(end) || (end === null && expiresAt !== undefined)) {
    throw wrongType("Cannot write stored envelope as expiresAt must be a valid Date");
  }
  return { expected: expected as string | null, end, signal };
}

/** The options of a removal, each read once. */
export function checkRemoving(given: RemoveOptions): RemoveOptions {
  const options = readOptions(given, "remove stored envelope", ["expected", "signal"]);
  checkRevision(options.expected, "remove");
  return { expected: options.expected as string, signal: options.signal };
}

/** 1 to 100 visible ASCII characters. */
export function isRevision(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,100}$/.test(value);
}

function checkRevision(expected: unknown, verb: StoreVerb): void {
  if (isRevision(expected)) return;
  throw wrongKind(
    `Cannot ${verb} stored envelope as expected must be a revision that read() or write() gave`,
    expected,
  );
}
