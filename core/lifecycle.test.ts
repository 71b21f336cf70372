import { describe, expect, it } from "vitest";
import { MISUSE } from "./contract/errors.ts";
import {
  isRefusal,
  LIFECYCLE_EVENTS,
  LIFECYCLE_STATES,
  type LifecycleEvent,
  nextState,
  type State,
} from "./contract/lifecycle.ts";

/** The same machine, written from the table in the design as counters instead of rows. */
interface Model {
  readonly readers: number;
  readonly writers: number;
  readonly frozen: boolean;
  readonly gone: boolean;
}

function modelOf(state: State, scopes: number, frozen: boolean): Model | null {
  const gone = state === "destroyed";
  const readers = state === "exposed" ? scopes : 0;
  const writers = state === "modifying" ? scopes : 0;
  const possible =
    gone ||
    (state === "guarded" && scopes === 0) ||
    (state === "exposed" && scopes > 0) ||
    (state === "modifying" && scopes === 1 && !frozen);
  return possible ? { readers, writers, frozen, gone } : null;
}

function stateOf({ readers, writers, gone }: Model): State {
  if (gone) return "destroyed";
  if (writers > 0) return "modifying";
  return readers > 0 ? "exposed" : "guarded";
}

function expected(model: Model, event: LifecycleEvent): string {
  const { readers, writers, frozen, gone } = model;
  switch (event) {
    case "destroy":
      return "destroyed";
    case "end":
      if (gone) return "destroyed";
      return stateOf({ ...model, readers: Math.max(0, readers - 1), writers: 0 });
    case "expose":
      if (gone) return "ERR_LETHE_DESTROYED";
      return writers > 0 ? "ERR_LETHE_BUSY" : "exposed";
    case "freeze":
      if (gone) return "ERR_LETHE_DESTROYED";
      return writers > 0 ? "ERR_LETHE_BUSY" : stateOf(model);
    case "modify":
      if (gone) return "ERR_LETHE_DESTROYED";
      if (frozen) return "ERR_LETHE_FROZEN";
      return readers + writers > 0 ? "ERR_LETHE_BUSY" : "modifying";
  }
}

const CASES = LIFECYCLE_STATES.flatMap((state) =>
  [0, 1, 2, 3].flatMap((scopes) =>
    [false, true].flatMap((frozen) => {
      const model = modelOf(state, scopes, frozen);
      return model === null ? [] : [{ state, scopes, frozen, model }];
    }),
  ),
);

describe("lifecycle", () => {
  for (const { state, scopes, frozen, model } of CASES) {
    for (const event of LIFECYCLE_EVENTS) {
      const what = `${frozen ? "frozen " : ""}${state} with ${scopes} open scopes`;
      if (event === "end" && scopes === 0 && state === "guarded") {
        it(`${what} has no scope to end, which is a bug of its caller`, () => {
          expect(() => nextState(state, event, scopes, frozen)).toThrow("Impossible event");
        });
        continue;
      }
      const outcome = expected(model, event);
      it(`${what} answers ${event} with ${outcome}`, () => {
        expect(nextState(state, event, scopes, frozen)).toBe(outcome);
      });
    }
  }

  it("covers every state and every event", () => {
    expect(new Set(CASES.map(({ state }) => state))).toEqual(new Set(LIFECYCLE_STATES));
    expect([...LIFECYCLE_EVENTS].sort()).toEqual(["destroy", "end", "expose", "freeze", "modify"]);
  });

  it("lets nothing leave destroyed", () => {
    for (const event of LIFECYCLE_EVENTS) {
      for (const scopes of [0, 1, 2]) {
        const outcome = nextState("destroyed", event, scopes, false);
        expect(outcome === "destroyed" || isRefusal(outcome)).toBe(true);
      }
    }
  });

  it("tells errors from states", () => {
    expect(LIFECYCLE_STATES.some(isRefusal)).toBe(false);
    expect(isRefusal("ERR_LETHE_BUSY")).toBe(true);
  });
});

it("has the states and events that are documented, and the misuses that may crash", () => {
  expect(LIFECYCLE_STATES).toEqual(["guarded", "exposed", "modifying", "destroyed"]);
  expect(LIFECYCLE_EVENTS).toEqual(["expose", "modify", "end", "freeze", "destroy"]);
  const codes = ["DESTROYED", "FROZEN", "CANARY", "WIPE", "KEY_SIZE", "FORGED"];
  expect([...MISUSE]).toEqual(codes.map((code) => `ERR_LETHE_${code}`));
});
