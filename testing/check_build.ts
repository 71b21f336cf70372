import process from "node:process";
import { requireBuilt } from "./build_stamp.ts";

/** Before a run of tests that start the built package: it has to be that of these sources. */
export function setup(): void {
  if (process.env["LETHE_BUILT"] !== undefined) requireBuilt();
}
