import { COMMANDS } from "../commands.ts";
import { table } from "./usage.ts";

/** What is true of every command, for help and for the man page. */
export const EVERYWHERE: readonly (readonly [string, string])[] = [
  ["help COMMAND [ACTION]", "show how to use a command; so do --help and -h behind it"],
  ["--version", "show the version of Lethe"],
  ["--json", "of every command: the result, and a failure, as JSON"],
];

export const EXITS: readonly (readonly [status: string, meaning: string])[] = [
  ["0", "success"],
  ["1", "failure (a claim was refuted, a copy found, a file refused)"],
  ["2", "wrong usage or not possible here"],
  ["70", "a bug in Lethe (LETHE_DEBUG=1 shows where)"],
  ["74", "the output could not be written"],
  ["130", "Ctrl-C"],
  ["141", "the reader of the output left"],
];

export const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ["NO_COLOR", "when it is set and not empty: no colours (no-color.org)"],
  [
    "FORCE_COLOR",
    "when it is set: colours, also where standard output is not a terminal; 0 for none",
  ],
  ["LETHE_DEBUG", "when it is set: errors with their stack, in words that may quote data"],
];

/** The text of `lethe --help`. */
export function mainUsage(): string {
  const rows = Object.entries(COMMANDS).map(
    ([name, { synopsis, summary }]) => [`${name} ${synopsis}`.trim(), summary] as const,
  );
  return `Usage: lethe COMMAND

${table([...rows, ...EVERYWHERE])}

Exit status (run, agent, key and envelope have more: see their help):
${table(EXITS)}

Environment:
${table(VARIABLES)}
`;
}
