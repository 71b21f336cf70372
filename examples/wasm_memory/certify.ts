// Runs the suite without a test runner: node certify.ts [first-try]
import process from "node:process";
import { describeReport, programTarget, runConformance, selfCommand } from "lethe/conformance";
import { subject } from "./subject.ts";

const name = process.argv[2] ?? "libsodium-wasm";
const target = programTarget(selfCommand(new URL("./target.ts", import.meta.url), name));
const report = await runConformance({ ...subject(name), target });

console.log(describeReport(report));
process.exitCode = report.failed.length === 0 ? 0 : 1;
