import process from "node:process";
import { parseArgs } from "node:util";
import { findRuntimes } from "../runtimes.ts";
import { Progress, paletteFor } from "../terminal.ts";
import { renderResidue, residueToJson } from "./render.ts";
import { copiesAt, surveyResidue } from "./survey.ts";

/**
 * `lethe residue [--json]`: what Lethe and the plain approaches leave in memory, on this machine.
 * Exit status 1 when Lethe left a copy, or could not be looked at.
 */
export async function residue(parameters: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...parameters],
    options: { json: { type: "boolean", default: false } },
  });
  const progress = new Progress();
  const results = await surveyResidue(findRuntimes(), (what) => progress.say(what));
  progress.clear();
  const { stdout } = process;
  stdout.write(values.json ? residueToJson(results) : renderResidue(results, paletteFor(stdout)));
  const ours = results.filter(({ approach }) => approach.ours);
  const clean = ours.every(
    (one) => one.failure === null && copiesAt(one, "ended") + copiesAt(one, "later") === 0,
  );
  return clean && ours.length > 0 ? 0 : 1;
}
