import { offeredMemory, serveTarget } from "../../conformance/mod.ts";
import { entryHere } from "../entry_here.ts";

await serveTarget(offeredMemory(await entryHere(), process.argv[2]));
