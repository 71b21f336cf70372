import type { ServedSubject } from "../subject.ts";
import { standardLines } from "./line_io.ts";
import { TargetSession } from "./session.ts";

/**
 * Serves a subject's memory to the suite, until standard input ends.
 *
 * Every step that can be synchronous is, and so are the reads and writes between the steps: while the
 * suite scans the process, the whole thread stands still as the step before left it.
 *
 * @throws what `memory` of the subject throws
 *
 * @example
 * ```ts
 * // target.ts, started with --expose-gc by the launcher
 * import { serveTarget } from "lethe/conformance";
 * import { subject } from "./subject.ts";
 *
 * await serveTarget(subject);
 * ```
 */
export async function serveTarget(subject: ServedSubject): Promise<void> {
  const lines = standardLines();
  const session = new TargetSession(subject, lines);
  for (let line = lines.read(); line !== null; line = lines.read()) {
    const answer = session.answer(line);
    // No await where there is nothing to wait for: it would let microtasks run before the look.
    lines.write(JSON.stringify(answer instanceof Promise ? await answer : answer));
  }
}
