import { check, NotRun } from "../check.ts";
import type { Trial } from "../conformance_case.ts";
import type { Fate, Target } from "../target/target.ts";
import type { Tracer } from "../tracer/tracer.ts";
import { openedBy } from "./opened_pages.ts";
import { type HeldNeedle, Observer } from "./sightings.ts";

/** How a process ends that touches pages which it may not; Bun and Deno catch the first two. */
const DEATHS = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGABRT"];

/** @throws {NotRun} when this target cannot be made to do anything */
export function tracerOf({ tracer }: Target): Tracer {
  if (tracer === undefined) throw new NotRun("the target cannot be traced");
  return tracer;
}

/** The address of the first byte of a secret that was held last. */
export async function addressOf(
  trial: Trial,
  observer: Observer,
  held: HeldNeedle,
): Promise<bigint> {
  const { "access-trap": trap, "guard-pages": guard } = trial.guarantees;
  if (trap.level === "enforced" && guard.level === "enforced") {
    // The pages that a scope opens tell, also where nobody can look: data ends where they do (G6).
    const [pages] = (await openedBy(observer.target, "expose")).pages;
    if (pages !== undefined) return pages.end - BigInt(held.needle.bytes.length);
  }
  const [copy] = (await observer.look(held.needle)).copiesOf(held.needle);
  if (copy === undefined) throw new NotRun("the secret is not seen from outside");
  return copy.address;
}

/** A secret in a process of its own, and where it lies. */
export interface Exposed {
  readonly target: Target;
  readonly tracer: Tracer;
  readonly observer: Observer;
  readonly held: HeldNeedle;
  readonly address: bigint;
}

/** Holds a secret in a process that may die of what comes next. */
export async function exposed(trial: Trial, byteLength?: number): Promise<Exposed> {
  const target = await trial.doomed();
  const tracer = tracerOf(target);
  const observer = await Observer.of(target);
  const held = await observer.hold("random", byteLength);
  return { target, tracer, observer, held, address: await addressOf(trial, observer, held) };
}

/** The process itself reads or writes `address`, as stray native code in it would, and must die. */
export async function diesOf(
  trial: Trial,
  { target, tracer }: Exposed,
  how: "load" | "store",
  address: bigint,
  what: string,
): Promise<void> {
  const raised = await tracer.touch(how, address);
  check(raised !== "survived", `${what}: survived`);
  checkDeath(trial, await target.end?.(), what);
}

/** @throws unless the process ended by a signal that stray accesses raise */
export function checkDeath(trial: Trial, fate: Fate | undefined, what: string): void {
  const signal = fate?.signal ?? null;
  check(DEATHS.includes(signal ?? ""), `${what}: ended by ${signal ?? "an exit"}`);
  trial.saw(`${what}: ${signal}`);
}

/** Whether a look from outside finds nothing, because it must not. */
export function isHidden(trial: Trial): boolean {
  return trial.guarantees.hidden.level === "enforced";
}
