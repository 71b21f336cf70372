/** Removes what the build makes, so that a file that was deleted in the source is gone from it too. */
import { rmSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
