import {
  bindReport,
  listSubjects,
  runConformance,
  type TestFunction,
} from "../../conformance/mod.ts";
import { SOAK } from "../../testing/tier.ts";
import * as deno from "./mod.ts";

declare const Deno: { readonly test: TestFunction };

const target = new URL("../../testing/adapters/deno/conformance_target.ts", import.meta.url);

// Filling sodium memory takes ten seconds: the soak does it.
const exhaust = SOAK ? { sodium: 20_000, secretmem: 60_000, pages: 60_000 } : {};

/** `npm test` holds sodium and heap memory to the suite on Node; the soak and `lethe report` here too. */
const subjects = listSubjects(deno, { target, exhaust }).filter(
  ({ name = "" }) => SOAK || name.endsWith("secretmem"),
);

for (const subject of subjects) {
  bindReport(await runConformance(subject), Deno.test);
}
