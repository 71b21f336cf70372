import process from "node:process";
import { parseArgs } from "node:util";
import { type CustodianReport, LetheError, openCustodian } from "../../adapters/node/mod.ts";
import { type Palette, paletteFor } from "../terminal.ts";

const USAGE = `Usage: lethe custodian status [--require-secure-heap] [--json]

Starts a custodian as openCustodian() of Node.js does, prints what is true of its process, and ends it.

Exit status: 0 it can be had, 1 not so (the reason is printed), 2 wrong usage.
`;

/** `lethe custodian`: what a custodian would have here. */
export async function custodian(parameters: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  try {
    const { values, positionals } = parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        "require-secure-heap": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help || positionals.join() !== "status") {
      (values.help ? stdout : stderr).write(USAGE);
      return values.help ? 0 : 2;
    }
    const secureHeap = values["require-secure-heap"] ? "require" : "prefer";
    const opened = await openCustodian({ secureHeap });
    const { report } = opened;
    const { code, signal } = await opened.close();
    if (values.json) stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else stdout.write(`${render(report, paletteFor(stdout))}ended: ${signal ?? code}\n`);
    return 0;
  } catch (error) {
    if (error instanceof LetheError) {
      stderr.write(`lethe custodian: ${error.message}\n`);
      return 1;
    }
    if (!(error instanceof TypeError)) throw error;
    stderr.write(`lethe custodian: ${error.message}\n`);
    return 2;
  }
}

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
