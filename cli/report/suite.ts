/**
 * The program that runs the suite inside a runtime: `suite MEMORY` prints the report as one line of
 * JSON. Its target is the program beside it.
 */
import { writeSync } from "node:fs";
import { listSubjects, runConformance } from "../../conformance/mod.ts";
import { entryHere } from "../entry_here.ts";

const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
const target = new URL(`./suite_target${suffix}`, import.meta.url);
const [memory = ""] = process.argv.slice(2);
const entry = await entryHere();
const subjects = listSubjects(entry, { target });
const subject = subjects.find((candidate) => candidate.name === `${entry.runtime.name} ${memory}`);
if (subject === undefined) throw new RangeError(`No such memory: ${memory}`);
const report = await runConformance(subject);
const line = new TextEncoder().encode(`${JSON.stringify({ step: "report", report })}\n`);
for (let sent = 0; sent < line.length; ) sent += writeSync(1, line, sent);
process.exit();
