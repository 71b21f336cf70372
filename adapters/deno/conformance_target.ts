import process from "node:process";
import { offeredMemory, serveTarget } from "../../conformance/mod.ts";
import * as deno from "./mod.ts";

await serveTarget(offeredMemory(deno, process.argv[2]));
