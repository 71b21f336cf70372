import { expect, it } from "vitest";
import { CASES } from "../../conformance/cases/mod.ts";
import type { ConformanceCase } from "../../conformance/conformance_case.ts";
import { runConformance } from "../../conformance/run_conformance.ts";
import { programTarget, selfCommand } from "../../conformance/target/program_target.ts";
import { SOAK } from "../tier.ts";
import { FAULTY, type FaultySubject, withCanary } from "./mod.ts";
import { STALE_PAGES } from "./stale_pages.ts";

const ALL: readonly (readonly [FaultySubject, readonly string[]])[] = [
  ...FAULTY.map((each) => {
    const command = selfCommand(new URL("./target.ts", import.meta.url), each.name);
    return [each, [...(each.launcher ?? []), ...command]] as const;
  }),
  // The one that takes real pages.
  [STALE_PAGES, selfCommand(new URL("./stale_pages_target.ts", import.meta.url))],
];

/** The ids that are judged from another process. */
const OUTSIDE = new Set(CASES.filter(({ needs }) => needs === "target").map(({ id }) => id));
/** Of their faulty subjects, those that `npm test` has time for: one of each kind of look. */
const DAILY: readonly string[] = ["copy at wipe", "G6", "G10", "M9"];

/**
 * Every requirement in `npm run soak`, which takes minutes. The tests have time for those that need
 * no other process and, of a library's faults, belong to the same group; and for the broken one.
 */
function casesFor({ breaks, openSecrets }: FaultySubject): readonly ConformanceCase[] {
  if (SOAK) return CASES;
  return CASES.filter(({ id, needs }) => {
    if (id === breaks) return true;
    return needs === undefined && (openSecrets === undefined || id[0] === breaks[0]);
  });
}

it("every requirement has a faulty subject", () => {
  const broken = new Set(ALL.map(([{ breaks }]) => breaks));
  expect(CASES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});

for (const [faulty, command] of ALL) {
  const isDaily = [faulty.breaks, faulty.name].some((each) => DAILY.includes(each));
  it.skipIf(!SOAK && OUTSIDE.has(faulty.breaks) && !isDaily)(
    `${faulty.name} fails ${faulty.breaks} and nothing else`,
    { timeout: 240_000 },
    async () => {
      const { failed, results } = await runConformance(
        { ...faulty, target: programTarget(command) },
        casesFor(faulty),
      );
      const reasons = results.filter(({ id }) => failed.includes(id)).map(({ reason }) => reason);
      expect(failed, reasons.join("\n")).toEqual([faulty.breaks]);
    },
  );
}

it("a memory with a canary of its own, which is compared, fails nothing", async () => {
  const { failed } = await runConformance({ memory: () => withCanary(true) });
  expect(failed).toEqual([]);
});
