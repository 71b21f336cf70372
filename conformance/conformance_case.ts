import type {
  GuaranteeName,
  Guarantees,
  SecretMemory,
  Secrets,
  SecretsOptions,
} from "../core/mod.ts";
import type { Subject } from "./subject.ts";
import type { Target } from "./target/target.ts";

/**
 * One requirement of SPEC.md as something that runs. No test runner is in it, and nothing of a
 * runtime: what it needs from outside comes through the {@link Trial}.
 */
export interface ConformanceCase {
  /** As in SPEC.md. Stable: a removed one is never given again. */
  readonly id: string;
  /** The requirement, word for word as in SPEC.md. */
  readonly title: string;
  /**
   * The guarantee that the requirement belongs to. A memory that declares `none` for it is not
   * held to the requirement; the suite then checks that requiring it is refused.
   */
  readonly guarantee?: GuaranteeName;
  /** The optional method that the requirement is about. A memory without it is not held to it. */
  readonly method?: "protectAll" | "capacity" | "sweep";
  /** Whether a subject claims the guarantee by itself, where its memory's table does not. */
  claimedBy?(subject: Subject): boolean;
  /** The case scans another process, and is not run without one. */
  readonly needs?: "target";
  /** Ids without which the result would say nothing new: when one failed, the case is not run. */
  readonly rests?: readonly string[];
  /**
   * Checks the requirement.
   *
   * @throws {CheckError} when the requirement does not hold, {@link NotRun} when that cannot be judged
   */
  run(trial: Trial): void | Promise<void>;
}

/** What a case works with. */
export interface Trial {
  /** The subject of the run. */
  readonly subject: Subject;
  /** The memory under test, opened once for the run. */
  readonly memory: SecretMemory;
  /** Its table, completed. It says what the memory is held to. */
  readonly guarantees: Guarantees;
  /** Opens secrets in `memory`, or in another; they are purged when the case is over. */
  secrets(options?: SecretsOptions): Secrets;
  /** The process that the cases of a run share. Its secrets are destroyed when the case is over. */
  target(): Promise<Target>;
  /** A process for a case that kills it, with core dumps allowed when `core` is true. */
  doomed(options?: { readonly core: boolean }): Promise<Target>;
  /** Notes what was run and read: the evidence behind the result. */
  saw(evidence: string): void;
}
