import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "../command_line/command.ts";
import { print } from "../output.ts";
import { Progress, palette } from "../terminal.ts";
import { failuresOf, gather } from "./gather.ts";
import { toJson } from "./json.ts";
import { toMarkdown } from "./markdown.ts";
import { toPage } from "./page/page.ts";

const USAGE = `Usage: lethe report [--out FOLDER]

Runs the whole conformance suite on every memory of every runtime, makes the residue survey, and writes
report.html, report.md and report.json. It takes some minutes. The runtimes are those of lethe doctor.

  --out FOLDER   where to write them (default: lethe-report)

Exit status: 0 every promise held, 1 one did not hold or nothing was examined.
`;

/** `lethe report`: all that can be found out about this machine, as a page. */
export const report: Command = {
  usage: USAGE,
  options: { out: "value" },
  async run(given) {
    const folder = given.value("out") ?? "lethe-report";
    checkFolder(folder); // before the minutes of work, not after
    const progress = new Progress();
    const findings = await gather((what) => progress.say(what));
    progress.clear();
    writeFileSync(join(folder, "report.json"), toJson(findings));
    writeFileSync(join(folder, "report.md"), toMarkdown(findings));
    writeFileSync(join(folder, "report.html"), toPage(findings));
    const failures = failuresOf(findings);
    for (const failure of failures) print(`${palette().bad(`✖ ${failure}`)}\n`);
    print(`${join(folder, "report.html")}, report.md, report.json\n`);
    return failures.length === 0 ? 0 : 1;
  },
};

/** @throws {Error} an error of the system when no report could be written there */
function checkFolder(folder: string): void {
  makeFolder(folder);
  for (const name of ["report.json", "report.md", "report.html"]) {
    writeFileSync(join(folder, name), "", { flag: "a" });
  }
}

/** One by one: Node tries for ever to make folders where none can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
