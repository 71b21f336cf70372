import { wrongKind } from "../../core/arguments/argument_error.ts";
import type { Awaitable, WrapperDescription } from "../../core/contract/key_wrapper.ts";
import { monotonicNow, wallNow } from "../../core/globals.ts";
import { inBackground } from "../../core/in_background.ts";
import { publicCode } from "../../core/public_code.ts";

/**
 * A call of a wrapper, for an audit. It is frozen, and holds names, codes and times: no byte of a key, of a stanza or of a payload, and
 * no sentence of another library.
 */
export interface KeyUse {
  /** What the wrapper was asked to do with a file key. */
  readonly operation: "wrap" | "unwrap";
  /** The name of the wrapper's key, as far as it is printable ASCII, and at most 200 characters of it. */
  readonly key: string;
  /** The version of that key, in the same form; null where it has none. */
  readonly version: string | null;
  /** `done`; `no-key`: none of the stanzas is for this key; `failed`: it threw. */
  readonly outcome: "done" | "no-key" | "failed";
  /** The code of the error, where it failed and its error has one; else null. */
  readonly code: string | null;
  /** When the wrapper was asked, in milliseconds since 1970. */
  readonly time: number;
  /** How many milliseconds it took, by a clock that is never set. */
  readonly milliseconds: number;
}

/**
 * Gets each use when the wrapper has ended, before the caller has the result. An error of the listener, or a rejection of its promise,
 * is logged without its words and changes nothing for the caller. Nobody waits for the promise.
 */
export type OnKeyUse = (use: KeyUse) => void;

/** @throws {TypeError} */
export function checkListener(onUse: unknown, verb: string): asserts onUse is OnKeyUse {
  if (typeof onUse === "function") return;
  throw wrongKind(`Cannot ${verb} as onUse must be a function`, onUse);
}

/** Calls a wrapper, and tells the listener how that ended. */
export async function noteUse<T>(
  onUse: OnKeyUse | undefined,
  operation: KeyUse["operation"],
  wrapper: WrapperDescription,
  use: () => Awaitable<T>,
): Promise<T> {
  if (onUse === undefined) return await use();
  const key = labelOf(() => wrapper.name) ?? "?";
  const version = labelOf(() => wrapper.version);
  const [time, began] = [wallNow(), monotonicNow()];
  const tell = (outcome: KeyUse["outcome"], code: string | null): void => {
    const milliseconds = monotonicNow() - began;
    const event = Object.freeze({ operation, key, version, outcome, code, time, milliseconds });
    inBackground(
      () => onUse(event),
      () => `A listener to the uses of keys threw for ${operation}`,
    );
  };
  let result: T;
  try {
    result = await use();
  } catch (error) {
    tell("failed", publicCode(error));
    throw error;
  }
  tell(result === null ? "no-key" : "done", null);
  return result;
}

const MOST_CHARACTERS = 200;

/** Wrappers are written by others: nothing that they are called begins a line of a log, or moves the cursor of a terminal. */
function labelOf(read: () => unknown): string | null {
  try {
    const text = read();
    if (typeof text !== "string") return null;
    return text.slice(0, MOST_CHARACTERS).replace(/[^\x20-\x7e]/g, "?");
  } catch {
    return null;
  }
}
