import { expect, test } from "vitest";
import { runConformance } from "../run_conformance.ts";
import { programTarget, selfCommand } from "../target/program_target.ts";
import { FAULTY, withCanary } from "./mod.ts";

const script = new URL("./target.ts", import.meta.url);

for (const faulty of FAULTY) {
  test(`${faulty.name} fails ${faulty.breaks} and nothing else`, async () => {
    const target = programTarget(selfCommand(script, faulty.name));
    const { failed, results } = await runConformance({ ...faulty, target });
    const reasons = results.filter(({ id }) => failed.includes(id)).map(({ reason }) => reason);
    expect(failed, reasons.join("\n")).toEqual([faulty.breaks]);
  });
}

test("a memory with a canary of its own, which is compared, fails nothing", async () => {
  const { failed } = await runConformance({ memory: () => withCanary(true) });
  expect(failed).toEqual([]);
});
