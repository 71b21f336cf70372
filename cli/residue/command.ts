import type { Command } from "../command_line/command.ts";
import { print } from "../output.ts";
import { RUNTIME } from "../runtime_option.ts";
import { findRuntimes } from "../runtimes.ts";
import { Progress, palette } from "../terminal.ts";
import { renderResidue, residueToJson } from "./render.ts";
import { copiesAt, surveyResidue } from "./survey.ts";

/** `lethe residue`: what Lethe and the plain approaches leave in memory, on this machine. */
export const residue: Command = {
  synopsis: ["[--runtime FILE]... [--json]"],
  about: [
    "Uses a password the way Lethe does and the way programs usually do, and counts its copies in the memory of every process involved: before, during and after its use. The runtimes are those of lethe doctor.",
  ],
  options: {
    runtime: RUNTIME,
    json: { kind: "flag", about: "the counts, as JSON" },
  },
  exits: [
    ["0", "Lethe left no copy"],
    ["1", "it left one or nothing was scanned"],
  ],
  async run(given) {
    const progress = new Progress();
    const { runtimes } = await findRuntimes(given.values("runtime"));
    const results = await surveyResidue(runtimes, (what) => progress.say(what));
    progress.clear();
    print(given.has("json") ? residueToJson(results) : renderResidue(results, palette()));
    const ours = results.filter(({ approach }) => approach.ours);
    const clean = ours.every(
      (one) => one.failure === null && copiesAt(one, "ended") + copiesAt(one, "later") === 0,
    );
    return clean && ours.length > 0 ? 0 : 1;
  },
};
