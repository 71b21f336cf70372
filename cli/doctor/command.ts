import type { Command } from "../command_line/command.ts";
import { print } from "../output.ts";
import { RUNTIME } from "../runtime_option.ts";
import { outputWidth, Progress, palette } from "../terminal.ts";
import { diagnose } from "./doctor.ts";
import { render } from "./render.ts";

/** `lethe doctor`: proves what the runtimes and memories of this machine give. */
export const doctor: Command = {
  synopsis: ["[--runtime FILE]... [--json]"],
  about: [
    "Starts each JavaScript runtime, creates and destroys a secret in each of its memories, and scans the process from outside. It examines the runtime that runs lethe, those that --runtime names, and the node, deno and bun on PATH: not those in a node_modules/.bin, nor files that another user could change. It lists what it left out.",
  ],
  options: {
    runtime: RUNTIME,
    json: { kind: "flag", about: "all verdicts with their evidence, as JSON" },
  },
  exits: [
    ["0", "every claim held"],
    ["1", "a claim did not hold or nothing was examined"],
  ],
  async run(given) {
    const progress = new Progress();
    const diagnosis = await diagnose(given.values("runtime"), (what) => progress.say(what));
    progress.clear();
    const text = given.has("json")
      ? JSON.stringify(diagnosis, null, 2)
      : render(diagnosis, palette(), outputWidth());
    print(`${text}\n`);
    return diagnosis.failures.length === 0 ? 0 : 1;
  },
};
