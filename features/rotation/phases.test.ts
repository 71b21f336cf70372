import { describe, expect, it } from "vitest";
import {
  nextPhase,
  ROTATION_INPUTS,
  ROTATION_PHASES,
  type RotationInput,
  type RotationPhase,
} from "./phases.ts";

/** The same machine, written as what is there instead of rows. */
interface Model {
  readonly records: 0 | 1 | 2;
  readonly open: boolean;
  readonly purged: boolean;
}

const MODELS: Readonly<Record<RotationPhase, Model>> = {
  single: { records: 1, open: true, purged: false },
  overlapping: { records: 2, open: true, purged: false },
  expired: { records: 0, open: true, purged: false },
  purged: { records: 0, open: true, purged: true },
  closed: { records: 0, open: false, purged: false },
};

function phaseOf({ records, open, purged }: Model): RotationPhase {
  if (!open) return "closed";
  if (records === 0) return purged ? "purged" : "expired";
  return records === 1 ? "single" : "overlapping";
}

function expected(model: Model, input: RotationInput): Model | null {
  const { records, open } = model;
  switch (input) {
    case "close":
      return { records: 0, open: false, purged: false };
    case "other":
      return open ? { records: records === 0 ? 1 : 2, open, purged: false } : model;
    case "same":
      return records > 0 ? model : null;
    case "overlap-ends":
      return records === 2 ? { ...model, records: 1 } : null;
    case "expires":
      return records > 0 ? { ...model, records: 0 } : null;
    case "purge":
      return records > 0 ? { ...model, records: 0, purged: true } : null;
  }
}

describe("phases of a rotation", () => {
  const cases = ROTATION_PHASES.flatMap((phase) =>
    ROTATION_INPUTS.map((input) => [phase, input] as const),
  );
  it.each(cases)("%s: %s", (phase, input) => {
    const model = expected(MODELS[phase], input);
    if (model === null) {
      expect(() => nextPhase(phase, input)).toThrow("Impossible input of a rotation");
      return;
    }
    const { phase: next, steps } = nextPhase(phase, input);
    expect(next).toBe(phaseOf(model));
    expect(model).toEqual(MODELS[next]);
    // Each record is retired, kept or installed once: the steps lead from one count to the other.
    let [current, previous] = [MODELS[phase].records > 0, MODELS[phase].records > 1];
    let arrived = input === "same" || input === "other";
    for (const step of steps) {
      if (step === "retire-previous") previous = take(previous);
      if (step === "retire-current") current = take(current);
      if (step === "demote") [current, previous] = [take(current), give(previous)];
      if (step === "install") [arrived, current] = [take(arrived), give(current)];
      if (step === "extend") expect([arrived, current]).toEqual([true, true]);
      if (step === "discard") arrived = take(arrived);
    }
    expect([current, previous, arrived]).toEqual([model.records > 0, model.records > 1, false]);
  });
});

/** Out of a place in which something is. */
function take(there: boolean): boolean {
  expect(there).toBe(true);
  return false;
}

/** Into a place in which nothing is. */
function give(there: boolean): boolean {
  expect(there).toBe(false);
  return true;
}
