#!/usr/bin/env node
import process from "node:process";

const USAGE = `Usage: lethe COMMAND

  doctor [--json]         prove what this machine's runtimes and memories give
  report [--out FOLDER]   the whole suite on every runtime, as HTML, Markdown and JSON
  residue [--json]        count the copies that Lethe and plain approaches leave in memory
  key ACTION PATH         make, check, seal, rotate and remove key files (key --help)
  run OPTIONS -- COMMAND  run a program with secrets on inherited descriptors (run --help)
  custodian status        what a process that holds secrets would have here
  scan PID [options]      look for a secret in another process (scan --help)

Exit status: 0 as it should be, 1 not so (a claim refuted, a copy found), 2 wrong usage; for others
of run, scan and key see their --help.
`;

/** A command: its arguments in, its exit status out. */
type Command = (parameters: readonly string[]) => Promise<number>;

/** Loaded when they are asked for: each brings its own part of Lethe. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  doctor: async () => (await import("./doctor/command.ts")).doctor,
  residue: async () => (await import("./residue/command.ts")).residue,
  report: async () => (await import("./report/command.ts")).report,
  key: async () => (await import("./key/command.ts")).key,
  run: async () => (await import("./run/command.ts")).run,
  custodian: async () => (await import("./custodian/command.ts")).custodian,
  scan: async () => (await import("./scan/command.ts")).scan,
};

const [name = "", ...parameters] = process.argv.slice(2);
const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (load !== undefined) {
  const command = await load();
  process.exitCode = await command(parameters);
} else {
  const asked = name === "--help" || name === "help";
  (asked ? process.stdout : process.stderr).write(USAGE);
  process.exitCode = asked ? 0 : 2;
}
