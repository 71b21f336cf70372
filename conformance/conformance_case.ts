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
 *
 * @example
 * ```ts
 * import { CheckError, type ConformanceCase } from "lethe/conformance";
 *
 * export const zeroFilled: ConformanceCase = {
 *   id: "X1",
 *   title: "a new secret is zero",
 *   claimedBy: () => false,
 *   run(trial) {
 *     const secret = trial.secrets().allocate(8);
 *     if (!secret.equals(new Uint8Array(8))) throw new CheckError("a byte is not zero");
 *     trial.saw("eight zeros");
 *   },
 * };
 * ```
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
  /**
   * Whether a subject claims the guarantee by itself, where its memory's table does not.
   *
   * @returns whether the case is run all the same; it never throws
   */
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

/**
 * What a case works with.
 *
 * @example
 * ```ts
 * import type { Trial } from "lethe/conformance";
 *
 * export async function run(trial: Trial): Promise<void> {
 *   trial.secrets().random(32).destroy();
 *   const target = await trial.target();
 *   trial.saw(`pid ${target.hello.pid}`);
 *   const doomed = await trial.doomed({ core: true });
 *   await doomed.fate({ do: "commit", misdeed: "touch at rest" });
 * }
 * ```
 */
export interface Trial {
  /** The subject of the run. */
  readonly subject: Subject;
  /** The memory under test, opened once for the run. */
  readonly memory: SecretMemory;
  /** Its table, completed. It says what the memory is held to. */
  readonly guarantees: Guarantees;
  /**
   * Opens secrets in `memory`, or in another; they are purged when the case is over.
   *
   * @throws {LetheError} what `openSecrets` throws
   */
  secrets(options?: SecretsOptions): Secrets;
  /**
   * The process that the cases of a run share. Its secrets are destroyed when the case is over.
   *
   * @throws {NotRun} where the subject has none
   */
  target(): Promise<Target>;
  /**
   * A process for a case that kills it, with core dumps allowed when `core` is true.
   *
   * @throws {NotRun} where the subject has none
   */
  doomed(options?: { readonly core: boolean }): Promise<Target>;
  /**
   * Notes what was run and read: the evidence behind the result.
   *
   * @param evidence a line of the report; it never throws
   */
  saw(evidence: string): void;
}
