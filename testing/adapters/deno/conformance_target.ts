import process from "node:process";
import * as deno from "../../../adapters/deno/mod.ts";
import { offeredMemory, serveTarget } from "../../../conformance/mod.ts";

await serveTarget(offeredMemory(deno, process.argv[2]));
