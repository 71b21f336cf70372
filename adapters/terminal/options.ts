import { kindOf } from "../../core/bytes.ts";

/** How to ask for a secret. */
export interface PromptOptions {
  /** The most bytes of UTF-8 that a line may have: an integer from 1 to 65,536. Default: 4096. */
  readonly maxBytes?: number;
  /**
   * One printable ASCII character shown for each character typed. It tells the length to whoever
   * looks on. Default: nothing is shown.
   */
  readonly mask?: string;
  /**
   * Reads one line from this descriptor, a pipe or a file, and shows no prompt. Default: the
   * controlling terminal, and standard input (0) where there is none.
   */
  readonly descriptor?: number;
  /** Ends the prompt; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The options, checked, each read once. */
export interface CheckedOptions {
  readonly maxBytes: number;
  readonly mask: string;
  readonly descriptor: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const MOST_BYTES = 65_536;

/** @throws {TypeError | RangeError} naming the argument that is wrong */
export function checkOptions(text: unknown, options: PromptOptions): CheckedOptions {
  const cannot = "Cannot prompt for secret as";
  if (typeof text !== "string") {
    throw new TypeError(`${cannot} text must be a string: current value is ${kindOf(text)}`);
  }
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${cannot} options must be an object: current value is ${kindOf(options)}`);
  }
  const own: PromptOptions = Object.assign(Object.create(null), options);
  const unknown = Object.keys(own).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) {
    throw new TypeError(
      `${cannot} there is no option ${unknown.join(", ")}: there are ${KEYS.join(", ")}`,
    );
  }
  const { maxBytes = 4096, mask = "", descriptor, signal } = own;
  if (!Number.isInteger(maxBytes) || maxBytes < 1 || maxBytes > MOST_BYTES) {
    throw new RangeError(`${cannot} maxBytes must be an integer from 1 to ${MOST_BYTES}`);
  }
  if (typeof mask !== "string" || !/^[\x21-\x7e]?$/.test(mask)) {
    throw new RangeError(`${cannot} mask must be one printable ASCII character`);
  }
  if (descriptor !== undefined && (!Number.isInteger(descriptor) || descriptor < 0)) {
    throw new RangeError(`${cannot} descriptor must be an integer from 0`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(
      `${cannot} signal must be an AbortSignal: current value is ${kindOf(signal)}`,
    );
  }
  return { maxBytes, mask, descriptor, signal };
}

const KEYS: readonly string[] = ["maxBytes", "mask", "descriptor", "signal"];
