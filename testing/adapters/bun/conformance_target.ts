import process from "node:process";
import * as bun from "../../../adapters/bun/mod.ts";
import { offeredMemory, serveTarget } from "../../../conformance/mod.ts";

await serveTarget(offeredMemory(bun, process.argv[2]));
