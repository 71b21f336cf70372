import { outOfRange, wrongKind } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { isAbortSignal, type SignalLike } from "../../core/arguments/foreign.ts";
import { readOptions } from "../../core/arguments/options.ts";

/** How to ask for a secret. */
export interface PromptOptions {
  /** The most bytes of UTF-8 that a line may have: an integer from 1 to 65,536. Default: 4096. */
  readonly maxBytes?: number;
  /**
   * One printable ASCII character shown for each character typed. It shows the length to anyone who
   * watches. Default: nothing is shown.
   */
  readonly mask?: string;
  /**
   * Reads one line from this descriptor, a pipe or a file, and shows no prompt. Default: the
   * controlling terminal, and standard input (0) where there is none.
   */
  readonly descriptor?: number;
  /**
   * The secret is chosen now, and will be typed again. Refuses a line that is not in Unicode's normal
   * form C: where it is typed again, the keyboard may send the same letters as other bytes. Default:
   * false, for a secret that exists and has the bytes that it has.
   */
  readonly isNew?: boolean;
  /** An AbortSignal. It ends the prompt, which then rejects with the signal's reason. */
  readonly signal?: SignalLike;
}

/** The options, checked, each read once. */
export interface CheckedOptions {
  readonly maxBytes: number;
  readonly mask: string;
  readonly descriptor: number | undefined;
  readonly isNew: boolean;
  readonly signal: SignalLike | undefined;
}

const VERB = "prompt for secret";
const MOST_BYTES = 65_536;

/** @throws {TypeError | RangeError} naming the argument that is wrong */
export function checkOptions(text: unknown, options: PromptOptions | undefined): CheckedOptions {
  const cannot = `Cannot ${VERB} as`;
  if (typeof text !== "string") {
    throw wrongKind(`${cannot} text must be a string`, text);
  }
  const own = readOptions(options, VERB, KEYS);
  const { maxBytes = 4096, mask = "", descriptor, isNew = false, signal } = own;
  checkInteger(maxBytes, VERB, "maxBytes", 1, MOST_BYTES);
  if (typeof mask !== "string" || !/^[\x21-\x7e]?$/.test(mask)) {
    throw outOfRange(`${cannot} mask must be one printable ASCII character`);
  }
  if (descriptor !== undefined) checkInteger(descriptor, VERB, "descriptor", 0, 2 ** 31 - 1);
  if (typeof isNew !== "boolean") {
    throw wrongKind(`${cannot} isNew must be a boolean`, isNew);
  }
  if (signal !== undefined && !isAbortSignal(signal)) {
    throw wrongKind(`${cannot} signal must be an AbortSignal`, signal);
  }
  return { maxBytes, mask, descriptor, isNew, signal };
}

const KEYS = ["maxBytes", "mask", "descriptor", "isNew", "signal"] as const;
