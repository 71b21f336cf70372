import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./command_line/command.ts";
import { readCommandLine } from "./command_line/read_command_line.ts";
import { UsageError } from "./command_line/usage_error.ts";
import { quote, suggest } from "./command_line/words.ts";
import { COMMAND_NAMES, loadCommand } from "./commands.ts";
import { details, failureOf } from "./failure.ts";
import { complain, print } from "./output.ts";
import { packageRoot } from "./package_root.ts";

const USAGE = `Usage: lethe COMMAND

  doctor [--json]         prove what this machine's runtimes and memories give
  report [--out FOLDER]   the whole suite on every runtime, as HTML, Markdown and JSON
  residue [--json]        count the copies that Lethe and plain approaches leave in memory
  key ACTION PATH         make, check, seal, rotate and remove key files
  run OPTIONS -- COMMAND  run a program with secrets on inherited descriptors
  custodian status        start a custodian, show what protects its process, and end it
  scan PID [options]      search another process for a secret

  help COMMAND, COMMAND --help, -h   show how to use a command
  --version                          show the version of Lethe

Exit status: 0 success, 1 failure (a claim was refuted, a copy found, a key file refused), 2 wrong usage
or not possible here, 70 a bug in Lethe (LETHE_DEBUG=1 shows where), 74 the output could not be written,
130 Ctrl-C, 141 the reader of the output left. run and key have more: see their help.
`;

process.on("uncaughtException", (error) => process.exit(fail("lethe", error)));
process.exitCode = await main(process.argv.slice(2));

async function main([name = "", ...parameters]: readonly string[]): Promise<number> {
  try {
    if (name === "--help" || name === "-h") return say(USAGE);
    if (name === "--version") return say(version());
    if (name === "help") return await help(parameters);
    if (name !== "") return await perform(name, await find(name), parameters);
    throw new UsageError(`a command is needed: ${COMMAND_NAMES.join(", ")}`);
  } catch (error) {
    return fail("lethe", error);
  }
}

async function perform(
  name: string,
  command: Command,
  parameters: readonly string[],
): Promise<number> {
  let asJson = false;
  try {
    const given = readCommandLine(command, parameters);
    if (given === "help") return say(command.usage);
    if (given === "version") return say(version());
    asJson = given.has("json");
    return await command.run(given);
  } catch (error) {
    return fail(`lethe ${name}`, error, command, asJson);
  }
}

async function help([name, ...more]: readonly string[]): Promise<number> {
  if (name === undefined) return say(USAGE);
  if (more.length > 0) throw new UsageError("help takes one command");
  return say((await find(name)).usage);
}

async function find(name: string): Promise<Command> {
  const command = await loadCommand(name);
  if (command !== null) return command;
  const what = name.startsWith("-") ? "option" : "command";
  const known = suggest(name, [...COMMAND_NAMES, "help", "--help", "--version"]);
  throw new UsageError(`there is no ${what} ${quote(name)}${known}`);
}

function say(text: string): number {
  print(text);
  return 0;
}

/** Tells a failure in one line, or as JSON where that was asked for. @returns its exit status */
function fail(title: string, error: unknown, command?: Command, asJson: boolean = false): number {
  const { status, code, message } = failureOf(error, command);
  complain(details(error));
  if (message === null) return status;
  const hint = error instanceof UsageError ? `; see ${title} --help` : "";
  if (!asJson) complain(`${title}: ${message}${hint}\n`);
  else printAnyway(`${JSON.stringify({ error: code, message })}\n`);
  return status;
}

function printAnyway(text: string): void {
  try {
    print(text);
  } catch {
    complain(text);
  }
}

function version(): string {
  const file = readFileSync(join(packageRoot(), "package.json"), "utf8");
  return `lethe ${(JSON.parse(file) as { version: string }).version}\n`;
}
