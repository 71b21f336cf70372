import type { Finding } from "../forensics/report.ts";
import { OPERATION_NAMES, type OperationName } from "../target/operations.ts";
import type { TargetEnding } from "../target/requests.ts";
import type { Target } from "../target/target.ts";
import { type HeldNeedle, Observer } from "./sightings.ts";

/** One operation's secret, as it was seen from outside at each moment of its life. */
export interface Life extends HeldNeedle {
  readonly operation: OperationName;
  readonly how: TargetEnding;
  /** At rest, straight after the operation. */
  readonly born: readonly Finding[];
  /** At rest, after more scopes and forced collections. */
  readonly later: readonly Finding[];
  /** Straight after its end, in the same tick. */
  readonly ended: readonly Finding[];
}

/** What was seen of all operations. */
export interface Lives {
  readonly all: readonly Life[];
  readonly scope: string;
}

const SEEN = new WeakMap<Target, Promise<Lives>>();

/**
 * Takes a secret of every operation through its life, and looks in from outside at each moment.
 *
 * Several requirements are read from what this saw; the target goes through it once.
 */
export function observeLives(target: Target): Promise<Lives> {
  let lives = SEEN.get(target);
  if (lives === undefined) {
    lives = observe(target);
    SEEN.set(target, lives);
  }
  return lives;
}

/** How many operations go through their lives side by side. */
const ABREAST = 2;

/**
 * Three groups of secrets are under way at any time, so that one look sees the birth of one, the
 * age of the one before and the end of the one before that. The end is the last thing that happened.
 */
async function observe(target: Target): Promise<Lives> {
  const observer = await Observer.of(target);
  const all: Writable<Life>[] = [];
  const group = (number: number): readonly Writable<Life>[] =>
    all.slice(Math.max(0, number * ABREAST), Math.max(0, (number + 1) * ABREAST));
  const steps = Math.ceil(OPERATION_NAMES.length / ABREAST) + 2;
  let scope = "";
  for (let step = 0; step < steps; step++) {
    for (const operation of OPERATION_NAMES.slice(step * ABREAST, (step + 1) * ABREAST)) {
      const how = HOW[all.length % HOW.length] as TargetEnding;
      const held = await observer.hold(operation);
      all.push({ ...held, operation, how, born: [], later: [], ended: [] });
    }
    const [young, old, gone] = [group(step), group(step - 1), group(step - 2)];
    for (const { how } of gone) await target.ask({ do: "end", how, only: "first" });
    const seen = await observer.look(...[...young, ...old, ...gone].map(({ needle }) => needle));
    for (const life of young) life.born = seen.copiesOf(life.needle);
    for (const life of old) life.later = seen.copiesOf(life.needle);
    for (const life of gone) life.ended = seen.copiesOf(life.needle);
    scope = seen.scope;
    await target.ask({ do: "use" });
    await target.ask({ do: "collect" });
  }
  return { all, scope };
}

const HOW: readonly TargetEnding[] = ["destroy", "destroy", "destroy inside", "throw and destroy"];

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
