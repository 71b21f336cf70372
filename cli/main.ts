#!/usr/bin/env node
import process from "node:process";
import { doctor } from "./doctor/command.ts";
import { scan } from "./scan/command.ts";

const USAGE = `Usage: lethe COMMAND

  doctor [--json]         prove what this machine's runtimes and memories give
  scan PID [options]      look for a secret in another process (scan --help)

Exit status: 0 as it should be, 1 not so (a claim refuted, a copy found), 2 wrong usage.
`;

/** A command: its arguments in, its exit status out. */
type Command = (parameters: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = { doctor, scan };

const [name = "", ...parameters] = process.argv.slice(2);
if (Object.hasOwn(COMMANDS, name)) {
  process.exitCode = await COMMANDS[name]?.(parameters);
} else {
  const asked = name === "--help" || name === "help";
  (asked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = asked ? 0 : 2;
}
