import type { CustodianReport } from "../../adapters/node/mod.ts";
import type { Command } from "../command_line/command.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { quote, suggest } from "../command_line/words.ts";
import { entryHere } from "../entry_here.ts";
import { print, working } from "../output.ts";
import { type Palette, palette } from "../terminal.ts";

/** `lethe custodian`: what a custodian would have here. */
export const custodian: Command = {
  synopsis: ["status [--require-secure-heap] [--json]"],
  about: [],
  actions: {
    status: {
      about:
        "start a custodian as openCustodian() does, show what protects its process, and end it",
      options: ["require-secure-heap"],
    },
  },
  options: {
    "require-secure-heap": {
      kind: "flag",
      about: "fail unless its key is in OpenSSL's secure heap",
    },
    json: { kind: "flag", about: "the report, as JSON" },
  },
  exits: [
    ["0", "it started and ended"],
    ["1", "it did not (the reason is printed)"],
    ["2", "wrong usage"],
  ],
  mostWords: 1,
  async run(given) {
    const [action = ""] = given.words;
    if (action === "") throw new UsageError("an action is needed: status");
    if (action !== "status") {
      throw new UsageError(`there is no action ${quote(action)}${suggest(action, ["status"])}`);
    }
    const secureHeap = given.has("require-secure-heap") ? "require" : "prefer";
    const { openCustodian } = await entryHere();
    working("starting a custodian ...");
    const opened = await openCustodian({ secureHeap });
    const { report } = opened;
    const { code, signal } = await opened.close();
    if (given.has("json")) print(`${JSON.stringify(report, null, 2)}\n`);
    else print(`${render(report, palette())}ended: ${signal ?? code}\n`);
    return 0;
  },
  statusOf: () => 1,
};

function render(report: CustodianReport, { strong, faint, good, warn }: Palette): string {
  const { runtime, memory, engine, atRest, hardening, guarantees, passedOver } = report;
  const whole = atRest.key === "secure heap and guarded memory";
  const rows = [
    `${strong("runtime")}   ${runtime}`,
    `${strong("memory")}    ${memory}, engine ${engine}`,
    ...passedOver.map(({ memory: other, reason }) => faint(`            not ${other}: ${reason}`)),
    `${strong("at rest")}   ${(whole ? good : warn)(`key in ${atRest.key}`)}`,
    faint(`            ${atRest.evidence}; ${atRest.used} of ${atRest.total} bytes in use`),
    strong("hardening"),
    ...Object.entries(hardening).map(([name, { outcome, verified, evidence }]) => {
      const colour = outcome === "not-done" ? warn : good;
      const said = outcome === "done" && !verified ? "done, unverified" : outcome;
      return `  ${name.padEnd(20)} ${colour(said.padEnd(17))} ${faint(evidence)}`;
    }),
    strong("guarantees"),
    ...Object.entries(guarantees).map(([name, { level, verified, evidence }]) => {
      const said = verified ? "verified" : level;
      return `  ${name.padEnd(20)} ${(level === "none" ? warn : good)(said.padEnd(17))} ${faint(evidence)}`;
    }),
  ];
  return `${rows.join("\n")}\n`;
}
