import process from "node:process";
import * as node from "../../../adapters/node/mod.ts";
import { findSubject, serveTarget } from "../../../conformance/mod.ts";

await serveTarget(findSubject(node, process.argv[2]));
