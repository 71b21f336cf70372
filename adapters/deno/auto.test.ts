import type { TestFunction } from "../../conformance/mod.ts";
import { faultsOfAuto } from "../../testing/adapters/web/check_auto.ts";
import * as deno from "./mod.ts";

declare const Deno: { readonly test: TestFunction };

Deno.test("takes the strongest memory unasked, or says why it did not", () => {
  const faults = faultsOfAuto(deno);
  if (faults.length > 0) throw new Error(faults.join("\n"));
});
