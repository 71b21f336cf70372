import process from "node:process";
import { serveTarget } from "../../conformance/target/serve_target.ts";
import { faultySubject } from "./mod.ts";

await serveTarget(faultySubject(process.argv[2]));
