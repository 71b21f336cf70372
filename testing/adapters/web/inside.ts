/** Runs what a program can check on itself, in a page or a worker, and sends the report. */
import { FROM_INSIDE, runConformance } from "../../../conformance/inside.ts";
import { blockingLines, conversationNumber } from "./page_lines.ts";
import { subject } from "./subject.ts";

const report = await runConformance(subject, FROM_INSIDE);
blockingLines(conversationNumber()).write(JSON.stringify(report));
