import { outOfRange, wrongKind } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { bare } from "../../core/arguments/own.ts";
import type { RotationEvent } from "./events.ts";
import type { WatchSecret } from "./watching.ts";

/** When a rotating secret is read again, and how long an old version can be used. All times in milliseconds. */
export interface RotatingOptions {
  /**
   * Milliseconds for which the version before the one that serves can still be used, and after which it is
   * destroyed: what others sealed, signed or sent under it comes a little later. 0: not at all. Default: 60,000.
   */
  readonly overlap?: number;
  /**
   * Milliseconds before a record expires at which it is read again; at most half of the time that it is valid.
   * Default: a third of that time.
   */
  readonly refreshBefore?: number;
  /**
   * How much earlier a read may be by chance, as a part of `refreshBefore` or of `pollEvery`: 0.2 is up to 20
   * percent, 0 is never. Many processes that started together then do not come together. Default: 0.2.
   */
  readonly jitter?: number;
  /** Reads the source every so many milliseconds, 100 or more, whether or not it expires. Default: never. */
  readonly pollEvery?: number;
  /** Milliseconds that one read may take, and a watch until it has begun; after that it has failed. Default: 30,000. */
  readonly timeout?: number;
  /**
   * Sees changes, each of which is followed by a read; false: nothing does. Default: the source's own
   * `watch`, where it has one.
   */
  readonly watch?: WatchSecret | false;
  /** Gets every {@link RotationEvent}, in order, and never from within a call to the rotating secret. */
  readonly onEvent?: (event: RotationEvent) => void;
}

const KEYS = [
  "overlap",
  "refreshBefore",
  "jitter",
  "pollEvery",
  "timeout",
  "watch",
  "onEvent",
] as const;

const VERB = "rotate secret";

/** @throws {TypeError | RangeError} naming the option */
export function checkOptions(
  given: RotatingOptions | undefined,
): RotatingOptions & { overlap: number; jitter: number; timeout: number } {
  const options = readOptions(given, VERB, KEYS);
  const { overlap = 60_000, jitter = 0.2, timeout = 30_000 } = options;
  const { refreshBefore, pollEvery, watch, onEvent } = options;
  checkInteger(overlap, VERB, "overlap", 0, Number.MAX_SAFE_INTEGER);
  checkInteger(timeout, VERB, "timeout", 1, 2 ** 31 - 1);
  if (refreshBefore !== undefined)
    checkInteger(refreshBefore, VERB, "refreshBefore", 0, Number.MAX_SAFE_INTEGER);
  if (pollEvery !== undefined)
    checkInteger(pollEvery, VERB, "pollEvery", 100, Number.MAX_SAFE_INTEGER);
  checkFraction(jitter);
  if (watch !== undefined && watch !== false) checkFunction(watch, "watch");
  if (onEvent !== undefined) checkFunction(onEvent, "onEvent");
  return bare({ ...options, overlap, jitter, timeout });
}

function checkFraction(jitter: unknown): void {
  const cannot = `Cannot ${VERB} as jitter must be a number`;
  if (typeof jitter !== "number") throw wrongKind(`${cannot}`, jitter);
  if (jitter >= 0 && jitter <= 1) return;
  throw outOfRange(`${cannot} from 0 to 1: current value is ${jitter}`);
}

function checkFunction(value: unknown, name: string): void {
  if (typeof value === "function") return;
  throw wrongKind(`Cannot ${VERB} as ${name} must be a function`, value);
}
