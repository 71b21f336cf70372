import { expect, it } from "vitest";
import {
  FORGETFUL_PROGRAM,
  WIPING_PROGRAM,
} from "../../testing/conformance/target/wiping_program.ts";
import { SOAK } from "../../testing/tier.ts";
import { CASES } from "../cases/mod.ts";
import { runConformance } from "../run_conformance.ts";
import { programTarget, selfCommand } from "./program_target.ts";

const G12 = CASES.filter(({ id }) => id === "G12");

it.skipIf(!SOAK)("a program that wipes is seen to leave nothing, in seven ways", async () => {
  const target = programTarget(
    selfCommand(new URL("../../testing/conformance/target/wiping_target.ts", import.meta.url)),
  );
  const { results } = await runConformance({ ...WIPING_PROGRAM, target }, G12);
  expect(results[0]).toEqual(expect.objectContaining({ outcome: "passed" }));
  expect(results[0]?.evidence).toHaveLength(7);
});

it("one that forgets signals is found out by the first of them", async () => {
  const target = programTarget(
    selfCommand(new URL("../../testing/conformance/target/forgetful_target.ts", import.meta.url)),
  );
  const { results } = await runConformance({ ...FORGETFUL_PROGRAM, target }, G12);
  expect(results[0]?.outcome).toBe("failed");
  expect(results[0]?.reason).toContain("at the end by SIGTERM");
});
