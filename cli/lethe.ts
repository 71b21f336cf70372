import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./command_line/command.ts";
import { mainUsage } from "./command_line/main_usage.ts";
import { readCommandLine, wantsJson } from "./command_line/read_command_line.ts";
import { refuseAltered } from "./command_line/true_parameters.ts";
import { usageOf } from "./command_line/usage.ts";
import { UsageError } from "./command_line/usage_error.ts";
import { quote, suggest } from "./command_line/words.ts";
import { COMMAND_NAMES, loadCommand } from "./commands.ts";
import { checkDescriptors } from "./descriptor.ts";
import { details, failureOf } from "./failure.ts";
import { complain, print } from "./output.ts";
import { packageRoot } from "./package_root.ts";

process.on("uncaughtException", (error) => process.exit(fail("lethe", error)));
process.exitCode = await main(process.argv.slice(2));

async function main(all: readonly string[]): Promise<number> {
  const [name = "", ...parameters] = all;
  try {
    refuseAltered([name, ...parameters]);
    if (name === "--help" || name === "-h") return say(mainUsage());
    if (name === "--version") return say(version());
    if (name === "help") return await help(parameters);
    if (name !== "") return await perform(name, await find(name), parameters);
    throw new UsageError(`a command is needed: ${COMMAND_NAMES.join(", ")}`);
  } catch (error) {
    return fail("lethe", error, undefined, wantsJson({ startsProgram: true }, all));
  }
}

async function perform(
  name: string,
  command: Command,
  parameters: readonly string[],
): Promise<number> {
  try {
    const given = readCommandLine(command, parameters);
    if (given === "version") return say(version());
    if ("help" in given) return say(usageOf(name, command, given.help));
    checkDescriptors(command, given);
    return await command.run(given);
  } catch (error) {
    return fail(`lethe ${name}`, error, command, wantsJson(command, parameters));
  }
}

async function help([name, action, ...more]: readonly string[]): Promise<number> {
  if (name === undefined) return say(mainUsage());
  if (more.length > 0) throw new UsageError("help takes one command, and one action of it");
  const command = await find(name);
  if (action !== undefined && !Object.hasOwn(command.actions ?? {}, action)) {
    const known = suggest(action, Object.keys(command.actions ?? {}));
    throw new UsageError(`there is no action ${quote(action)} of ${name}${known}`);
  }
  return say(usageOf(name, command, action));
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
  else if (command?.startsProgram) complain(`${JSON.stringify({ error: code, message })}\n`);
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
