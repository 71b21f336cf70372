import {
  bindReport,
  offeredSubjects,
  runConformance,
  type TestFunction,
} from "../../conformance/mod.ts";
import * as deno from "./mod.ts";

declare const Deno: { readonly test: TestFunction };

const target = new URL("./conformance_target.ts", import.meta.url);

for (const subject of offeredSubjects(deno, { target, exhaust: { sodium: 20_000 } })) {
  bindReport(await runConformance(subject), Deno.test);
}
