/** Serves the suite from a page or a dedicated worker, with its thread at a stand between steps. */
import { TargetSession } from "../../../conformance/inside.ts";
import { blockingLines, conversationNumber } from "./page_lines.ts";
import { subject } from "./subject.ts";

const lines = blockingLines(conversationNumber());
const session = new TargetSession(subject, lines);
for (let line = lines.read(); line !== null; line = lines.read()) {
  const answer = session.answer(line);
  // No await where there is nothing to wait for: it would let microtasks run before the look.
  lines.write(JSON.stringify(answer instanceof Promise ? await answer : answer));
}
