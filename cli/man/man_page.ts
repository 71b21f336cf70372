/** The page lethe(1), from the one table of commands. The build writes it beside the program. */
import process from "node:process";
import type { Command, Option } from "../command_line/command.ts";
import { EVERYWHERE, EXITS, VARIABLES } from "../command_line/main_usage.ts";
import { optionsOf, written } from "../command_line/usage.ts";
import { COMMANDS } from "../commands.ts";
import { wrap } from "../terminal.ts";

/** @param version of the package */
export async function manPage(version: string, day: string = buildDay()): Promise<string> {
  const parts = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { summary, load }]) =>
      commandPart(name, summary, await load()),
    ),
  );
  return `${[
    `.TH LETHE 1 "${day}" "lethe ${version}" "User Commands"`,
    ".SH NAME",
    `lethe \\- ${text("prove, keep and hand over secrets of JavaScript programs")}`,
    ".SH SYNOPSIS",
    `.B lethe\n${text("COMMAND [options]")}`,
    ".SH DESCRIPTION",
    flow(
      "Secret memory for JavaScript on Node, Deno and Bun. The command proves what a machine gives, keeps key files, runs programs with secrets on descriptors, and searches processes for copies.",
    ),
    ...EVERYWHERE.map(([name, about]) => tagged(name, about)),
    ".SH COMMANDS",
    ...parts,
    '.SH "EXIT STATUS"',
    text("A command may have more: they stand with it."),
    ...EXITS.map(([status, meaning]) => tagged(status, meaning)),
    ".SH ENVIRONMENT",
    ...VARIABLES.map(([name, about]) => tagged(name, about)),
    '.SH "SEE ALSO"',
    text("The folder docs of the package, which begins with README.md."),
  ].join("\n")}\n`;
}

function commandPart(name: string, summary: string, command: Command): string {
  const { synopsis, about, options, actions = {}, notes = [], exits } = command;
  return [
    `.SS ${quoted(`lethe ${name}`)}`,
    text(`${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`),
    ".PP",
    ".nf",
    ...synopsis.map((line) => text(line.startsWith(" ") ? line : `lethe ${name} ${line}`)),
    ".fi",
    ...about.map(paragraph),
    ...Object.entries(actions).map(([action, one]) => {
      const takes = optionsOf(command, one).map(written);
      return tagged(
        `lethe ${name} ${action} ${one.synopsis ?? ""}`.trim(),
        `${one.about}. Options: ${takes.join(", ")}.`,
      );
    }),
    ...Object.entries(options).map(optionPart),
    ...notes.map(paragraph),
    paragraph("Exit status:"),
    ...exits.map(([status, meaning]) => tagged(status, meaning)),
  ].join("\n");
}

function optionPart(option: readonly [string, Option]): string {
  return tagged(written(option), option[1].about);
}

function tagged(name: string, about: string): string {
  return `.TP\n.B ${text(name)}\n${flow(about)}`;
}

/** One that begins with a space is shown as it stands. */
function paragraph(words: string): string {
  return words.startsWith(" ") ? `.PP\n.nf\n${text(words)}\n.fi` : `.PP\n${flow(words)}`;
}

/** Short lines, as roff likes them; it fills its own. */
function flow(words: string): string {
  return text(wrap(words, 66).join("\n"));
}

/** Text is not a request of roff, and a hyphen in it is one that a reader can copy. */
function text(words: string): string {
  return words
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/^(?=[.'])/gm, "\\&")
    .replaceAll(/ +$/gm, "");
}

function quoted(words: string): string {
  return `"${text(words).replaceAll('"', '""')}"`;
}

/** SOURCE_DATE_EPOCH makes a build that can be repeated: reproducible-builds.org. */
function buildDay(): string {
  const { SOURCE_DATE_EPOCH } = process.env;
  const time = SOURCE_DATE_EPOCH === undefined ? Date.now() : Number(SOURCE_DATE_EPOCH) * 1000;
  return new Date(time).toISOString().slice(0, 10);
}
