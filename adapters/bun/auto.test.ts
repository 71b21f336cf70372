import { test } from "bun:test";
import { faultsOfAuto } from "../../testing/adapters/web/check_auto.ts";
import * as bun from "./mod.ts";

test("takes the strongest memory unasked, or says why it did not", () => {
  const faults = faultsOfAuto(bun);
  if (faults.length > 0) throw new Error(faults.join("\n"));
});
