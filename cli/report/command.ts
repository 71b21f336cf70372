import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Command } from "../command_line/command.ts";
import { print } from "../output.ts";
import { RUNTIME } from "../runtime_option.ts";
import { Progress, palette } from "../terminal.ts";
import { failuresOf, gather } from "./gather.ts";
import { toJson } from "./json.ts";
import { toMarkdown } from "./markdown.ts";
import { toPage } from "./page/page.ts";

/** What it writes. */
const FILES = ["report.html", "report.md", "report.json"] as const;

/** `lethe report`: all that can be found out about this machine, as a page. */
export const report: Command = {
  synopsis: ["[--out FOLDER] [--runtime FILE]... [--workerd FILE] [--json]"],
  about: [
    "Runs the whole conformance suite on every memory of every runtime, makes the residue survey, and writes report.html, report.md and report.json. It takes some minutes. The runtimes are those of lethe doctor.",
  ],
  options: {
    out: {
      kind: "value",
      value: "FOLDER",
      about: "where to write them (default: lethe-report)",
      values: "folder",
    },
    runtime: RUNTIME,
    workerd: {
      kind: "value",
      value: "FILE",
      about: "the workerd to run the suite in (default: none)",
      values: "file",
    },
    json: { kind: "flag", about: "the files that were written and what did not hold, as JSON" },
  },
  exits: [
    ["0", "every promise held"],
    ["1", "one did not hold or nothing was examined"],
  ],
  async run(given) {
    const folder = given.value("out") ?? "lethe-report";
    checkFolder(folder); // before the minutes of work, not after
    const progress = new Progress();
    const findings = await gather(
      { runtimes: given.values("runtime"), workerd: given.value("workerd") },
      (what) => progress.say(what),
    );
    progress.clear();
    writeFileSync(join(folder, "report.json"), toJson(findings));
    writeFileSync(join(folder, "report.md"), toMarkdown(findings));
    writeFileSync(join(folder, "report.html"), toPage(findings));
    const failures = failuresOf(findings);
    const files = FILES.map((name) => join(folder, name));
    if (given.has("json")) print(`${JSON.stringify({ files, failures })}\n`);
    else {
      for (const failure of failures) print(`${palette().bad(`✖ ${failure}`)}\n`);
      print(`${files.join(", ")}\n`);
    }
    return failures.length === 0 ? 0 : 1;
  },
};

/** @throws {Error} an error of the system when no report could be written there */
function checkFolder(folder: string): void {
  makeFolder(folder);
  for (const name of FILES) {
    writeFileSync(join(folder, name), "", { flag: "a" });
  }
}

/** One by one: Node tries for ever to make folders where none can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
