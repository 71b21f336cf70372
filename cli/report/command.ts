import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Progress, paletteFor } from "../terminal.ts";
import { failuresOf, gather } from "./gather.ts";
import { toJson } from "./json.ts";
import { toMarkdown } from "./markdown.ts";
import { toPage } from "./page/page.ts";

/**
 * `lethe report [--out FOLDER]`: writes `report.html`, `report.md` and `report.json`. Exit status 1
 * when something was not as promised. It takes some minutes: every memory of every runtime is held
 * to the whole suite.
 */
export async function report(parameters: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...parameters],
    options: { out: { type: "string", default: "lethe-report" } },
  });
  const folder = resolve(values.out);
  mkdirSync(folder, { recursive: true }); // before the minutes of work, not after
  const progress = new Progress();
  const findings = await gather((what) => progress.say(what));
  progress.clear();
  writeFileSync(join(folder, "report.json"), toJson(findings));
  writeFileSync(join(folder, "report.md"), toMarkdown(findings));
  writeFileSync(join(folder, "report.html"), toPage(findings));
  const { stdout } = process;
  const palette = paletteFor(stdout);
  const failures = failuresOf(findings);
  for (const failure of failures) stdout.write(`${palette.bad(`✖ ${failure}`)}\n`);
  stdout.write(`${join(folder, "report.html")}, report.md, report.json\n`);
  return failures.length === 0 ? 0 : 1;
}
