import process from "node:process";
import { it } from "vitest";
import { bindReport, listSubjects, runConformance } from "../../conformance/mod.ts";
import { SOAK } from "../../testing/tier.ts";
import * as node from "./mod.ts";

const target = new URL("../../testing/adapters/node/conformance_target.ts", import.meta.url);

// Filling sodium memory takes ten seconds: the soak does it.
const exhaust = !SOAK ? {} : { sodium: 20_000, secretmem: 60_000, pages: 60_000 };

/** What `npm test` has time for on each version; `npm run soak` and `lethe report` take all of it. */
const DAILY: Readonly<Record<string, readonly string[]>> = {
  "22": ["node heap"],
  "24": ["node sodium"],
  "26": ["node pages"],
};
const [major = ""] = process.versions.node.split(".");
const daily = !SOAK ? DAILY[major] : undefined;
const subjects = listSubjects(node, { target, exhaust }).filter(
  ({ name = "" }) => daily?.includes(name) ?? true,
);

for (const subject of subjects) {
  bindReport(await runConformance(subject), it);
}
