import process from "node:process";
import {
  bindReport,
  offeredSubjects,
  runConformance,
  type TestFunction,
} from "../../conformance/mod.ts";
import * as deno from "./mod.ts";

declare const Deno: { readonly test: TestFunction };

const target = new URL("./conformance_target.ts", import.meta.url);

// Filling sodium memory takes ten seconds: in `npm test` adapters/sodium does it, on one runtime.
const exhaust = process.env["LETHE_SOAK"] === undefined ? {} : { sodium: 20_000 };

for (const subject of offeredSubjects(deno, { target, exhaust })) {
  bindReport(await runConformance(subject), Deno.test);
}
