import type { LetheErrorCode } from "./errors.ts";

/** Where a secret stands. `exposed` and `modifying` have open scopes, the others have none. */
export type State = "guarded" | "exposed" | "modifying" | "destroyed";

/** What can happen to a secret. `end` is the end of one scope. */
export type LifecycleEvent = "expose" | "modify" | "end" | "freeze" | "destroy";

/** The state that follows, or the code of the error that the event is answered with. */
export type LifecycleOutcome = State | LetheErrorCode;

/** All states, in the order of the table's rows. */
export const LIFECYCLE_STATES: readonly State[] = ["guarded", "exposed", "modifying", "destroyed"];

/** All events, in the order of the table's columns. */
export const LIFECYCLE_EVENTS: readonly LifecycleEvent[] = [
  "expose",
  "modify",
  "end",
  "freeze",
  "destroy",
];

// LIFE-1  nothing leaves `destroyed`; a repeated destroy, and a scope that ends late, change nothing
// LIFE-2  readable pages only in `exposed` and `modifying`; both return to `guarded` before the caller
//     runs on
// LIFE-3  overlapping exposes share: the last scope to end closes the pages
// LIFE-4  `modify` is exclusive, in both directions
// LIFE-5  `freeze` lasts, and `modify` is the only event that it changes
const NEXT: Readonly<Record<State, Readonly<Record<LifecycleEvent, LifecycleOutcome | null>>>> = {
  guarded: {
    expose: "exposed",
    modify: "modifying",
    end: null,
    freeze: "guarded",
    destroy: "destroyed",
  },
  exposed: {
    expose: "exposed",
    modify: "ERR_LETHE_BUSY",
    end: "guarded",
    freeze: "exposed",
    destroy: "destroyed",
  },
  modifying: {
    expose: "ERR_LETHE_BUSY",
    modify: "ERR_LETHE_BUSY",
    end: "guarded",
    freeze: "ERR_LETHE_BUSY",
    destroy: "destroyed",
  },
  destroyed: {
    expose: "ERR_LETHE_DESTROYED",
    modify: "ERR_LETHE_DESTROYED",
    end: "destroyed",
    freeze: "ERR_LETHE_DESTROYED",
    destroy: "destroyed",
  },
};

/**
 * The outcome of `event` for a secret in `state`. Pure: it is the whole state machine, and the docs
 * print their table from it.
 *
 * @param scopes how many scopes are open before the event
 * @param frozen whether the secret was frozen before the event
 * @throws {Error} when the event cannot happen in that state, which would be a bug in Lethe
 *
 * @example
 * ```ts
 * import { nextState } from "lethe/memory";
 *
 * nextState("guarded", "expose", 0, false); // "exposed"
 * nextState("guarded", "modify", 0, true); // "ERR_LETHE_FROZEN"
 * ```
 */
export function nextState(
  state: State,
  event: LifecycleEvent,
  scopes: number,
  frozen: boolean,
): LifecycleOutcome {
  const outcome = cell(rowOf(state), event);
  if (outcome === null) throw new Error(`Impossible event in state ${state}: ${event}`);
  if (event === "modify" && frozen && state !== "destroyed") return "ERR_LETHE_FROZEN";
  if (event === "end" && state === "exposed" && scopes > 1) return "exposed";
  return outcome;
}

/** True for the outcomes that are errors. */
export function isRefusal(outcome: LifecycleOutcome): outcome is LetheErrorCode {
  switch (outcome) {
    case "guarded":
    case "exposed":
    case "modifying":
    case "destroyed":
      return false;
    default:
      return true;
  }
}

// Each scope asks the table twice. A name that is written out costs nothing there, a computed one is
// searched for.
type Row = (typeof NEXT)[State];

function rowOf(state: State): Row {
  switch (state) {
    case "guarded":
      return NEXT.guarded;
    case "exposed":
      return NEXT.exposed;
    case "modifying":
      return NEXT.modifying;
    case "destroyed":
      return NEXT.destroyed;
  }
}

function cell(row: Row, event: LifecycleEvent): LifecycleOutcome | null {
  switch (event) {
    case "expose":
      return row.expose;
    case "modify":
      return row.modify;
    case "end":
      return row.end;
    case "freeze":
      return row.freeze;
    case "destroy":
      return row.destroy;
  }
}
