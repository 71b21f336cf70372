/**
 * Objects of the platform that may come from another realm (a frame, a vm context, jsdom), where
 * `instanceof` says no: their internal slots are asked, and a signal, which libraries also write
 * themselves, by what is used of it.
 */

// Marked as pure, so that a bundler drops it where nothing asks for a time.
const getTime = /* @__PURE__ */ takeGetTime();

function takeGetTime(): Date["getTime"] {
  return Date.prototype.getTime;
}

/** The time of a Date in milliseconds, NaN for an invalid one; null for anything but a Date. */
export function timeOfDate(value: unknown): number | null {
  try {
    return Reflect.apply(getTime, value, []);
  } catch {
    return null;
  }
}

/** The part of an AbortSignal that Lethe uses. Every AbortSignal is one; a program never implements it. */
export interface SignalLike {
  /** Whether it was aborted. */
  readonly aborted: boolean;
  /** Why it was aborted. */
  readonly reason: unknown;
  /** Calls `listener` when it is aborted. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Takes `listener` away again. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** The project's own `AbortSignal` where it has one, so that its `fetch` takes it; else {@link SignalLike}. */
export type PlatformSignal = typeof globalThis extends {
  readonly AbortSignal: { readonly prototype: infer Signal };
}
  ? Signal
  : SignalLike;

/** True for an AbortSignal of any realm or library. */
export function isAbortSignal(value: unknown): value is SignalLike {
  if (typeof value !== "object" || value === null) return false;
  try {
    const { aborted, addEventListener, removeEventListener } = value as Partial<SignalLike>;
    return (
      typeof aborted === "boolean" &&
      typeof addEventListener === "function" &&
      typeof removeEventListener === "function"
    );
  } catch {
    return false; // an object that only inherits from AbortSignal: its getters throw
  }
}

/** @throws the reason of a signal that was aborted; one without a reason gives an `AbortError` */
export function throwIfAborted(signal: SignalLike | undefined): void {
  if (signal?.aborted === true) throw reasonOf(signal);
}

/** Why a signal was aborted. Older implementations do not say. */
export function reasonOf({ reason }: SignalLike): unknown {
  return reason === undefined
    ? new DOMException("This operation was aborted", "AbortError")
    : reason;
}

/** What all runtimes have. */
declare const DOMException: new (message: string, name: string) => Error;
