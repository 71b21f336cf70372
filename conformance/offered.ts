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
export interface OfferedOptions {
  /** A program that serves {@link offeredMemory} of the name that is its first parameter. */
  readonly target: URL;
  /** For a memory with a bound: a number of secrets that is more than it has room for. */
  readonly exhaust?: Readonly<Record<string, number>>;
}

/** A subject for each memory that a runtime offers. Its target runs on the runtime that this runs on. */
export function offeredSubjects(entry: RuntimeEntry, options: OfferedOptions): readonly Subject[] {
  return entry.runtime.memories.map(({ name }) => {
    const subject: Subject = {
      ...offeredMemory(entry, name),
      name: `${entry.runtime.name} ${name}`,
      target: programTarget(selfCommand(options.target, name)),
    };
    const exhaust = options.exhaust?.[name];
    return exhaust === undefined ? subject : { ...subject, exhaust };
  });
}

/** The memory of that name, for the target's side. */
export function offeredMemory(entry: RuntimeEntry, name: string | undefined): Subject {
  const offer = entry.runtime.memories.find((candidate) => candidate.name === name);
  if (offer === undefined) throw new TypeError(`Cannot serve a memory named ${name}`);
  return { memory: () => offer.open(), openSecrets: entry.openSecrets };
}
