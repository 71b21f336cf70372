import { test } from "bun:test";
import process from "node:process";
import { bindReport, offeredSubjects, runConformance } from "../../conformance/mod.ts";
import * as bun from "./mod.ts";

const target = new URL("./conformance_target.ts", import.meta.url);

// Filling sodium memory takes ten seconds: in `npm test` adapters/sodium does it, on one runtime.
const exhaust = process.env["LETHE_SOAK"] === undefined ? {} : { sodium: 20_000 };

for (const subject of offeredSubjects(bun, { target, exhaust })) {
  bindReport(await runConformance(subject), test);
}
