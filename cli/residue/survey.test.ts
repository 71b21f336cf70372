import process from "node:process";
import { expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";
import type { InstalledRuntime } from "../runtimes.ts";
import { APPROACHES } from "./approaches.ts";
import { renderResidue, residueToJson, whereabouts } from "./render.ts";
import { copiesAt, copiesByProcess, isHidden, MOMENTS, type Residue, watch } from "./survey.ts";

const here: InstalledRuntime = {
  kind: "node",
  title: `node ${process.versions.node}`,
  version: process.versions.node,
  executable: process.execPath,
  found: "it runs this command",
};

async function residueOf(id: string): Promise<Residue> {
  const approach = APPROACHES.find((known) => known.id === id);
  if (approach === undefined) throw new RangeError(id);
  const result = await watch(approach, here);
  expect(result.failure).toBeNull();
  return result;
}

const PLAIN_TEXT = { strong: String, faint: String, good: String, warn: String, bad: String };

it.skipIf(process.platform !== "linux")("finds nothing of Lethe after destroy", async () => {
  const lethe = await residueOf("lethe");
  expect(copiesAt(lethe, "before")).toBe(0);
  expect(copiesAt(lethe, "live")).toBe(isHidden(lethe) ? 0 : 1);
  expect(isHidden(lethe)).toBe(lethe.memory === "secretmem");
  expect(copiesAt(lethe, "ended")).toBe(0);
  expect(copiesAt(lethe, "later")).toBe(0);
});

it.skipIf(process.platform !== "linux" || !SOAK)(
  "finds nothing with a custodian, in either process",
  async () => {
    const custodian = await residueOf("custodian");
    for (const moment of MOMENTS) expect(copiesByProcess(custodian, moment)).toEqual([0, 0]);
    expect(isHidden(custodian)).toBe(false); // sealed at rest: that is why nothing is found
    expect(renderResidue([custodian], PLAIN_TEXT)).toMatch(/custodian.*( +0 \+ 0){4}/);
  },
);

it.skipIf(process.platform !== "linux" || !SOAK)(
  "finds what the plain approaches leave",
  async () => {
    const readline = await residueOf("readline");
    expect(copiesAt(readline, "later")).toBeGreaterThan(0);
    const sodium = await residueOf("sodium-native");
    expect(copiesAt(sodium, "ended")).toBe(1); // sodium_free has returned
    const fork = await residueOf("fork");
    for (const moment of MOMENTS) expect(copiesByProcess(fork, moment)).toHaveLength(2);
    expect(copiesByProcess(fork, "before")).toEqual([0, 0]);
    expect(copiesAt(fork, "later")).toBeGreaterThan(10);
    expect(whereabouts(fork)).toMatch(/decimal/);

    const text = renderResidue([readline, fork], PLAIN_TEXT);
    expect(text).toMatch(/readline, variable emptied +0 +\d+ +\d+ +\d+ {2}\d+ raw/);
    const rows = JSON.parse(residueToJson([fork])) as { copies: { later: number } }[];
    expect(rows[0]?.copies.later).toBe(copiesAt(fork, "later"));
  },
);
