import { test } from "bun:test";
import { bindReport, listSubjects, runConformance } from "../../conformance/mod.ts";
import { SOAK } from "../../testing/tier.ts";
import * as bun from "./mod.ts";

const target = new URL("../../testing/adapters/bun/conformance_target.ts", import.meta.url);

// Filling sodium memory takes ten seconds: the soak does it.
const exhaust = SOAK ? { sodium: 20_000, secretmem: 60_000, pages: 60_000 } : {};

/** `npm test` holds sodium and heap memory to the suite on Node; the soak and `lethe report` here too. */
const subjects = listSubjects(bun, { target, exhaust }).filter(
  ({ name = "" }) => SOAK || name.endsWith("pages"),
);

for (const subject of subjects) {
  bindReport(await runConformance(subject), test);
}
