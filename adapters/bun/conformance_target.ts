import process from "node:process";
import { offeredMemory, serveTarget } from "../../conformance/mod.ts";
import * as bun from "./mod.ts";

await serveTarget(offeredMemory(bun, process.argv[2]));
