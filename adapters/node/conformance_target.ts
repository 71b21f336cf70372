import process from "node:process";
import { offeredMemory, serveTarget } from "../../conformance/mod.ts";
import * as node from "./mod.ts";

await serveTarget(offeredMemory(node, process.argv[2]));
