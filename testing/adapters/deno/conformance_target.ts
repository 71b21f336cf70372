import process from "node:process";
import * as deno from "../../../adapters/deno/mod.ts";
import { findSubject, serveTarget } from "../../../conformance/mod.ts";

await serveTarget(findSubject(deno, process.argv[2]));
