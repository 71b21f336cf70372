/**
 * Removes what the build makes, so that a file that was deleted in the source is gone from it too,
 * and puts there what the compiler does not copy.
 */
import { cpSync, rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
cpSync("conformance/tracer/tracer.c", "dist/conformance/tracer/tracer.c");
