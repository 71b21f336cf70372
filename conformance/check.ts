import type { LetheErrorCode } from "../core/mod.ts";
import { noteHeld } from "./held.ts";

/** A requirement that does not hold. Its message says what was seen and what was required. */
export class CheckError extends Error {
  /** Always `CheckError`. */
  override readonly name = "CheckError";
}

/**
 * Ends a case that cannot be judged here, with the reason. It is reported as "not run" and never
 * counts as passed.
 */
export class NotRun extends Error {
  /** Always `NotRun`. */
  override readonly name = "NotRun";
}

/** @throws {CheckError} unless `holds` */
export function check(holds: boolean, message: string): asserts holds {
  if (!holds) throw new CheckError(message);
}

/** @throws {CheckError} unless both are the same value */
export function same<T>(actual: T, expected: T, what: string): void {
  check(Object.is(actual, expected), `${what} is ${print(actual)}, required is ${print(expected)}`);
  noteHeld(isShort(expected) ? `${what} is ${print(expected)}` : `${what} is as required`);
}

/** What a refused call must throw: a kind of argument error, or a code of Lethe. */
export type Refusal = "TypeError" | "RangeError" | LetheErrorCode;

/**
 * Runs `action`, which must throw `expected`.
 *
 * @returns the error
 */
export function refused(expected: Refusal, what: string, action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    return checkRefusal(error, expected, what);
  }
  throw new CheckError(`${what} was accepted, required is ${expected}`);
}

/** Compares by name and code, so that a second copy of the package is understood as well. */
function checkRefusal(error: unknown, expected: Refusal, what: string): Error {
  check(error instanceof Error, `${what} threw something that is not an Error`);
  const code = (error as { code?: unknown }).code;
  const seen = error.name === "LetheError" ? String(code) : error.name;
  check(seen === expected, `${what} threw ${seen}, required is ${expected}: ${error.message}`);
  noteHeld(`${what} threw ${expected}`);
  return error;
}

/** Says where two byte sequences part, without quoting a byte. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  same(actual.length, expected.length, `length of ${what}`);
  let at = equalWords(actual, expected) * WORD;
  while (at < expected.length && actual[at] === expected[at]) at += 1;
  check(at === expected.length, `${what} differs from what was put in, first at byte ${at}`);
  noteHeld(`${what} is what was put in, ${at} bytes compared`);
}

/** @throws {CheckError} at the first byte that is not zero */
export function zero(bytes: Uint8Array, what: string): void {
  let at = zeroWords(bytes) * WORD;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  check(at === bytes.length, `${what} is not zero, first at byte ${at} of ${bytes.length}`);
  noteHeld(`${what} is zero, ${at} bytes read`);
}

const WORD = 4;
const NO_WORDS = new Uint32Array(0);

/** The bytes as words, but for a last part of one; none where they begin inside of a word. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  if (byteOffset % WORD !== 0 || length < WORD) return NO_WORDS;
  return new Uint32Array(buffer, byteOffset, Math.floor(length / WORD));
}

/** So many words at the start are equal: a megabyte, byte by byte, takes most of a run's time. */
function equalWords(actual: Uint8Array, expected: Uint8Array): number {
  const [one, other] = [wordsOf(actual), wordsOf(expected)];
  const count = Math.min(one.length, other.length);
  let at = 0;
  while (at < count && one[at] === other[at]) at += 1;
  return at;
}

function zeroWords(bytes: Uint8Array): number {
  const words = wordsOf(bytes);
  let at = 0;
  while (at < words.length && words[at] === 0) at += 1;
  return at;
}

/** A count, a state, a code: what can stand in a line. */
function isShort(value: unknown): boolean {
  return typeof value === "string" ? value.length <= 24 : typeof value !== "object";
}

function print(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
