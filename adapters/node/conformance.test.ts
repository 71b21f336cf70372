import { test } from "vitest";
import { bindReport, offeredSubjects, runConformance } from "../../conformance/mod.ts";
import * as node from "./mod.ts";

const target = new URL("./conformance_target.ts", import.meta.url);

for (const subject of offeredSubjects(node, { target, exhaust: { sodium: 20_000 } })) {
  bindReport(await runConformance(subject), test);
}
