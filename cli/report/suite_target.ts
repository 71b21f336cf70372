import { findSubject, serveTarget } from "../../conformance/mod.ts";
import { entryHere } from "../entry_here.ts";

await serveTarget(findSubject(await entryHere(), process.argv[2]));
