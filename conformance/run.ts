import type { Guarantees, OpenSecrets, SecretMemory, Secrets } from "../core/mod.ts";
import { openSecrets } from "../memories/heap/mod.ts";
import { NotRun } from "./check.ts";
import type { Trial } from "./conformance_case.ts";
import { hasDispose } from "./dispose.ts";
import { readSubject, type Subject } from "./subject.ts";
import type { Target, TargetProgram } from "./target/target.ts";

/** One run over a subject: what its cases share. */
export class Run {
  readonly subject: Subject;
  readonly memory: SecretMemory;
  readonly name: string;
  /** The table that says what the memory is held to. */
  readonly guarantees: Guarantees;
  readonly #open: OpenSecrets;
  #shared: Target | null = null;
  #runtime: string | null = null;

  constructor(given: Subject) {
    const subject = readSubject(given);
    this.subject = subject;
    this.memory = subject.memory();
    this.name = subject.name ?? this.memory.name;
    this.#open = subject.openSecrets ?? openSecrets;
    const secrets = this.#open({ memory: this.memory });
    this.guarantees = secrets.guarantees;
    dispose(secrets);
  }

  /** Runtime of the target, once there was one. */
  get runtime(): string | null {
    return this.#runtime;
  }

  trial(saw: (evidence: string) => void): Trial & { tidy(): Promise<void> } {
    const opened: Secrets[] = [];
    const doomed: Target[] = [];
    return {
      subject: this.subject,
      memory: this.memory,
      guarantees: this.guarantees,
      saw,
      secrets: (options) => {
        const secrets = this.#open({ memory: this.memory, ...options });
        opened.push(secrets);
        return secrets;
      },
      target: () => this.#target(),
      doomed: async (options) => {
        const target = await this.#program().start(options);
        doomed.push(target);
        return target;
      },
      tidy: async () => {
        for (const secrets of opened) tryToDispose(secrets);
        for (const target of doomed) await target.close();
        await this.#reset();
      },
    };
  }

  async close(): Promise<void> {
    await this.#shared?.close();
    this.#shared = null;
  }

  async #target(): Promise<Target> {
    this.#shared ??= await this.#program().start();
    this.#runtime = this.#shared.hello.runtime;
    return this.#shared;
  }

  #program(): TargetProgram {
    if (this.subject.target === undefined) throw new NotRun("the subject names no target");
    return this.subject.target;
  }

  /** Ends what a case left in the shared target; one that died with a case is started anew. */
  async #reset(): Promise<void> {
    try {
      await this.#shared?.ask({ do: "reset" });
    } catch {
      await this.close();
    }
  }
}

/** A faulty memory may refuse to end its secrets. That is a case's finding, not the run's end. */
function tryToDispose(secrets: Secrets): void {
  try {
    dispose(secrets);
  } catch {
    return;
  }
}

/** Older browsers have no `Symbol.dispose`. What they end is purged. */
function dispose(secrets: Secrets): void {
  if (hasDispose()) secrets[Symbol.dispose]();
  else secrets.purge();
}
