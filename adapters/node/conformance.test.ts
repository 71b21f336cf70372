import process from "node:process";
import { test } from "vitest";
import { bindReport, offeredSubjects, runConformance } from "../../conformance/mod.ts";
import * as node from "./mod.ts";

const target = new URL("./conformance_target.ts", import.meta.url);

// Filling sodium memory takes ten seconds: in `npm test` adapters/sodium does it, on one runtime.
const exhaust = process.env["LETHE_SOAK"] === undefined ? {} : { sodium: 20_000 };

for (const subject of offeredSubjects(node, { target, exhaust })) {
  bindReport(await runConformance(subject), test);
}
