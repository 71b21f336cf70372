import { serveTarget } from "../../../conformance/target/serve_target.ts";
import { WIPING_PROGRAM } from "./wiping_program.ts";

await serveTarget(WIPING_PROGRAM);
