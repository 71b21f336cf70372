import process from "node:process";
import { serveTarget } from "../target/serve_target.ts";
import { faultyMemory } from "./mod.ts";

await serveTarget(faultyMemory(process.argv[2]));
