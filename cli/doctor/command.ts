import process from "node:process";
import { parseArgs } from "node:util";
import { Progress, paletteFor, widthOf } from "../terminal.ts";
import { diagnose } from "./doctor.ts";
import { render } from "./render.ts";

/** `lethe doctor [--json]`. Exit status 1 when a claim was refuted or a copy was left. */
export async function doctor(parameters: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...parameters],
    options: { json: { type: "boolean", default: false } },
  });
  const progress = new Progress();
  const diagnosis = await diagnose((what) => progress.say(what));
  progress.clear();
  const { stdout } = process;
  stdout.write(
    values.json
      ? `${JSON.stringify(diagnosis, null, 2)}\n`
      : `${render(diagnosis, paletteFor(stdout), widthOf(stdout))}\n`,
  );
  return diagnosis.failures.length === 0 ? 0 : 1;
}
