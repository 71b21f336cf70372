// The process that the suite looks into: it holds secrets, and does what it is asked.
import process from "node:process";
import { serveTarget } from "lethe/conformance";
import { subject } from "./subject.ts";

await serveTarget(subject(process.argv[2]));
