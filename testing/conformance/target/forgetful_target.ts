import { serveTarget } from "../../../conformance/target/serve_target.ts";
import { FORGETFUL_PROGRAM } from "./wiping_program.ts";

await serveTarget(FORGETFUL_PROGRAM);
