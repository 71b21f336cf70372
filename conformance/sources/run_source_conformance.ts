import type { SecretBuffer } from "../../core/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { NotRun } from "../check.ts";
import { SOURCE_CASES, type SourceCase } from "./source_cases.ts";
import type { SourceSubject } from "./source_subject.ts";
import { pause } from "./source_trial.ts";

/** What became of one requirement. */
export interface SourceCaseResult {
  /** The rule, as {@link SecretSource} numbers them: `SOURCE-1`. */
  readonly id: string;
  /** The rule in one sentence. */
  readonly title: string;
  /** `not run` where the subject has no such thing. It never counts as passed. */
  readonly outcome: "passed" | "failed" | "not run";
  /** Why it failed or was not run; empty when it passed. */
  readonly reason: string;
}

/** What became of all requirements. */
export interface SourceReport {
  /** One row for each rule. */
  readonly results: readonly SourceCaseResult[];
  /** The ids of those that failed. */
  readonly failed: readonly string[];
}

/**
 * Holds a source to its contract, for authors of sources. It never throws: a case that cannot be run says so.
 *
 * @param subject the source, and how secrets are put where it reads them
 *
 * @example
 * ```ts
 * import { runSourceConformance } from "lethe/conformance";
 * import { openSecrets } from "lethe";
 * import { MemorySource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = new MemorySource();
 * let number = 0;
 * const report = await runSourceConformance({
 *   source: () => source,
 *   put(content) {
 *     const reference = `${(number += 1)}`;
 *     if (content.length > 0) source.set(reference, [["value", secrets.adopt(content)]]);
 *     return reference;
 *   },
 *   missing: () => "none",
 * });
 * console.log(report.failed); // []
 * secrets.purge();
 * ```
 */
export async function runSourceConformance(subject: SourceSubject): Promise<SourceReport> {
  const results: SourceCaseResult[] = [];
  for (const { id, title, run } of SOURCE_CASES) {
    results.push({ id, title, ...(await attempt(subject, run)) });
  }
  const failed = results.filter(({ outcome }) => outcome === "failed").map(({ id }) => id);
  return { results, failed };
}

async function attempt(
  subject: SourceSubject,
  run: SourceCase["run"],
): Promise<Pick<SourceCaseResult, "outcome" | "reason">> {
  const secrets = openSecrets();
  const landed = new Set<SecretBuffer>();
  const land: typeof secrets.land = (byteLength, fill) => {
    const secret = secrets.land(byteLength, fill);
    landed.add(secret);
    return secret;
  };
  try {
    await run({ subject, source: subject.source(), secrets, land, landed });
    await pause(SETTLING);
    const left = [...landed].filter(({ state }) => state !== "destroyed").length;
    return left === 0
      ? { outcome: "passed", reason: "" }
      : { outcome: "failed", reason: `${left} secrets are left that no record holds` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { outcome: error instanceof NotRun ? "not run" : "failed", reason };
  } finally {
    secrets.purge();
  }
}

/** In milliseconds: a source that goes on after it has answered may land a secret then. */
const SETTLING = 20;
