import { kindOf } from "./kind_of.ts";

/**
 * Errors about arguments that Lethe itself raised: their words are known to quote nothing of the
 * value. A private list, so that no other error can pass for one.
 */
const OURS = new WeakSet<object>();

/** A `TypeError` about an argument. Its message names the kind of a value, never the value. */
export function wrongType(message: string): TypeError {
  return ours(new TypeError(message), wrongType);
}

/** A `TypeError` that says what a value must be, and names the kind of the one that was given. */
export function wrongKind(must: string, value: unknown): TypeError {
  return ours(new TypeError(`${must}: current value is ${kindOf(value)}`), wrongKind);
}

/** A `RangeError` about an argument. Its message may give a number, never bytes or text. */
export function outOfRange(message: string): RangeError {
  return ours(new RangeError(message), outOfRange);
}

/**
 * Whether Lethe raised `error` about an argument. Other libraries raise the same types, and may quote
 * what they were given.
 */
export function isArgumentError(error: unknown): error is TypeError | RangeError {
  return typeof error === "object" && error !== null && OURS.has(error);
}

function ours<E extends Error>(error: E, raiser: Raiser): E {
  (Error as ErrorWithTraces).captureStackTrace?.(error, raiser); // begins where it was raised
  OURS.add(error);
  return error;
}

/** V8 and JavaScriptCore. */
interface ErrorWithTraces {
  captureStackTrace?(error: object, above: Raiser): void;
}

type Raiser = typeof wrongType | typeof outOfRange | typeof wrongKind;
