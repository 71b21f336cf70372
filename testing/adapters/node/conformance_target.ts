import process from "node:process";
import * as node from "../../../adapters/node/mod.ts";
import { offeredMemory, serveTarget } from "../../../conformance/mod.ts";

await serveTarget(offeredMemory(node, process.argv[2]));
