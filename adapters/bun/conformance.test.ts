import { test } from "bun:test";
import { bindReport, offeredSubjects, runConformance } from "../../conformance/mod.ts";
import * as bun from "./mod.ts";

const target = new URL("./conformance_target.ts", import.meta.url);

for (const subject of offeredSubjects(bun, { target, exhaust: { sodium: 20_000 } })) {
  bindReport(await runConformance(subject), test);
}
