import process from "node:process";
import { expect, test } from "vitest";
import { CASES } from "../cases/mod.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { runConformance } from "../run_conformance.ts";
import { programTarget, selfCommand } from "../target/program_target.ts";
import { FAULTY, withCanary } from "./mod.ts";

const script = new URL("./target.ts", import.meta.url);

/**
 * Every requirement in `npm run soak`, some three minutes. The tests have time for those that need no
 * other process, and for the one that is broken.
 */
function casesFor(breaks: string): readonly ConformanceCase[] {
  if (process.env["LETHE_SOAK"] !== undefined) return CASES;
  return CASES.filter(({ id, needs }) => needs === undefined || id === breaks);
}

for (const faulty of FAULTY) {
  test(`${faulty.name} fails ${faulty.breaks} and nothing else`, async () => {
    const target = programTarget(selfCommand(script, faulty.name));
    const { failed, results } = await runConformance(
      { ...faulty, target },
      casesFor(faulty.breaks),
    );
    const reasons = results.filter(({ id }) => failed.includes(id)).map(({ reason }) => reason);
    expect(failed, reasons.join("\n")).toEqual([faulty.breaks]);
  });
}

test("a memory with a canary of its own, which is compared, fails nothing", async () => {
  const { failed } = await runConformance({ memory: () => withCanary(true) });
  expect(failed).toEqual([]);
});
