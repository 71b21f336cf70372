import { optional } from "../core/arguments/own.ts";
import type { OpenSecrets, SecretMemory, Secrets } from "../core/mod.ts";
import type { TargetProgram } from "./target/target.ts";

/**
 * What the suite is run against: a memory, and how to look at it from outside.
 *
 * @example
 * ```ts
 * // subject.ts: shared by the test and by the target program
 * import { programTarget, selfCommand, type Subject } from "lethe/conformance";
 * import { HeapMemory } from "lethe/memory";
 * import { wipeOnExit } from "lethe/process";
 *
 * export const subject: Subject = {
 *   memory: () => new HeapMemory(), // yours
 *   wipeOnExit: (secrets) => void wipeOnExit(secrets),
 *   holders: () => [], // process ids, where another process holds the secrets
 *   target: programTarget(selfCommand(new URL("./target.ts", import.meta.url))),
 * };
 * ```
 */
export interface Subject {
  /** Names the subject in reports. Default: the memory's name. */
  readonly name?: string;
  /** Opens the memory. It is called once in each process. What it throws ends the run. */
  memory(): SecretMemory;
  /**
   * The `openSecrets` of a runtime, opened over `memory`. Default: that of the core, which cannot
   * abort the process, so that the cases about `onMisuse: "crash"` are not run.
   */
  readonly openSecrets?: OpenSecrets;
  /**
   * What a program does to have its secrets wiped when it ends. With it the suite ends processes in
   * every way that they can observe, and scans what they leave (G12). What it throws fails that case.
   */
  wipeOnExit?(secrets: Secrets): void;
  /**
   * For memory that claims `isolated`: the processes that hold the secrets of this one. The suite ends
   * them, after which no secret may be readable (G13). What it throws fails that case.
   */
  holders?(): readonly number[];
  /** How to start a process that serves this subject. Without it, nothing is seen from outside. */
  readonly target?: TargetProgram;
  /**
   * A number of secrets of 32 bytes that is more than the memory has room for. It is for a memory
   * with a bound; the case about exhaustion is not run without it, because trying is slow.
   */
  readonly exhaust?: number;
}

/** The part of a subject that its target program serves. */
export type ServedSubject = Pick<Subject, "memory" | "openSecrets" | "wipeOnExit" | "holders">;

/** A subject with what it was given, or its class has: no part of it comes from `Object.prototype`. */
export function readSubject(subject: Subject): Subject {
  const read: Subject = Object.create(null);
  const parts = [
    "name",
    "memory",
    "openSecrets",
    "wipeOnExit",
    "holders",
    "target",
    "exhaust",
  ] as const;
  for (const part of parts) {
    const value: unknown = optional(subject, part);
    if (value !== undefined) {
      const own = typeof value === "function" ? value.bind(subject) : value;
      Object.assign(read, { [part]: own });
    }
  }
  return read;
}
