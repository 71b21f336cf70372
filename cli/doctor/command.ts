import type { Command } from "../command_line/command.ts";
import { print } from "../output.ts";
import { outputWidth, Progress, palette } from "../terminal.ts";
import { diagnose } from "./doctor.ts";
import { render } from "./render.ts";

/** `lethe doctor`: proves what the runtimes and memories of this machine give. */
export const doctor: Command = {
  synopsis: ["[--json]"],
  about: [
    "Starts each JavaScript runtime, creates and destroys a secret in each of its memories, and scans the process from outside. It examines the runtime that runs lethe, those in the node_modules of this Lethe, and the node, deno and bun on PATH, whatever files those are.",
  ],
  options: {
    json: { kind: "flag", about: "all verdicts with their evidence, as JSON" },
  },
  exits: [
    ["0", "every claim held"],
    ["1", "a claim did not hold or nothing was examined"],
  ],
  async run(given) {
    const progress = new Progress();
    const diagnosis = await diagnose((what) => progress.say(what));
    progress.clear();
    const text = given.has("json")
      ? JSON.stringify(diagnosis, null, 2)
      : render(diagnosis, palette(), outputWidth());
    print(`${text}\n`);
    return diagnosis.failures.length === 0 ? 0 : 1;
  },
};
