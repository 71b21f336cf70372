import type { OpenSecrets, Runtime } from "../core/mod.ts";
import type { Subject } from "./subject.ts";
import { programTarget, selfCommand } from "./target/program_target.ts";

/** What a runtime's entry exports. */
export interface RuntimeEntry {
  /** The memories and engines of the runtime. */
  readonly runtime: Runtime;
  /** As `lethe` exports it. */
  readonly openSecrets: OpenSecrets;
}

/** How to look at the memories of a runtime from outside. */
export interface ListOptions {
  /** A program that serves {@link findSubject} of the name that is its first parameter: a `URL`. */
  readonly target: { readonly href: string };
  /** For a memory with a bound: a number of secrets that is more than it has room for. */
  readonly exhaust?: Readonly<Record<string, number>>;
}

/**
 * A subject for each memory that a runtime providers. Its target runs on the runtime that this runs
 * on.
 *
 * @returns the subjects; it opens none of them, and never throws
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { listSubjects } from "lethe/conformance";
 * import { runtime } from "lethe/memory";
 *
 * const target = new URL("./target.ts", import.meta.url);
 * for (const { name } of listSubjects({ runtime, openSecrets }, { target })) console.log(name);
 * ```
 */
export function listSubjects(entry: RuntimeEntry, options: ListOptions): readonly Subject[] {
  return entry.runtime.memories.map(({ name }) => {
    const subject: Subject = {
      ...findSubject(entry, name),
      name: `${entry.runtime.name} ${name}`,
      target: programTarget(selfCommand(options.target, name)),
    };
    const exhaust = options.exhaust?.[name];
    return exhaust === undefined ? subject : { ...subject, exhaust };
  });
}

/**
 * The memory of that name, for the target's side.
 *
 * @throws {TypeError} when the runtime has no memory of that name
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { findSubject } from "lethe/conformance";
 * import { runtime } from "lethe/memory";
 *
 * const subject = findSubject({ runtime, openSecrets }, "heap");
 * console.log(subject.memory().name); // "heap"
 * ```
 */
export function findSubject(entry: RuntimeEntry, name: string | undefined): Subject {
  const provider = entry.runtime.memories.find((candidate) => candidate.name === name);
  if (provider === undefined) throw new TypeError(`Cannot serve a memory named ${name}`);
  return { memory: () => provider.open(), openSecrets: entry.openSecrets };
}
