import process from "node:process";
import * as bun from "../../../adapters/bun/mod.ts";
import { findSubject, serveTarget } from "../../../conformance/mod.ts";

await serveTarget(findSubject(bun, process.argv[2]));
