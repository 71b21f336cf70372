import { wrap } from "../terminal.ts";
import type { Action, Command, Option } from "./command.ts";

/** Columns of a line of help. A longer one would break in the middle of a word on a narrow terminal. */
const WIDTH = 100;
/** Where texts begin beside names, at most. */
const WIDEST_NAME = 24;

/** The help of a command, or of one of its actions. */
export function usageOf(name: string, command: Command, action?: string): string {
  const chosen = action === undefined ? undefined : command.actions?.[action];
  const parts =
    chosen === undefined
      ? [
          usage(command.synopsis.map((line) => continued(line, `lethe ${name} `))),
          ...command.about.map(paragraph),
          ...actionsOf(command),
          table(Object.entries(command.options).map(rowOf)),
        ]
      : [
          usage([`lethe ${name} ${action} ${chosen.synopsis ?? ""} [options]`.replace("  ", " ")]),
          paragraph(sentence(chosen.about)),
          table(optionsOf(command, chosen).map(rowOfAction)),
        ];
  const notes = chosen === undefined ? (command.notes ?? []).map(paragraph) : [];
  const exits = `Exit status:\n${table(command.exits)}`;
  return `${[...parts, ...notes, exits].filter((part) => part !== "").join("\n\n")}\n`;
}

/** The options that an action takes, in the order of the command's table. */
export function optionsOf(
  { options }: Pick<Command, "options">,
  action: Action,
): readonly (readonly [string, Option])[] {
  return Object.entries(options).filter(
    ([name]) => name === "json" || action.options.includes(name),
  );
}

/** An option as it is written: `--bytes N`. */
export function written([name, { value }]: readonly [string, Option]): string {
  return value === undefined ? `--${name}` : `--${name} ${value}`;
}

/** Names and what they are, in two columns. */
export function table(rows: readonly (readonly [name: string, about: string])[]): string {
  const longest = Math.max(0, ...rows.map(([name]) => name.length));
  const column = Math.min(longest, WIDEST_NAME) + 4;
  return rows
    .map(([name, about]) => {
      const lines = wrap(about, WIDTH - column);
      const first = `  ${name}`;
      const texts = first.length + 2 > column ? ["", ...lines] : lines;
      return texts
        .map((line, index) => (index === 0 ? first.padEnd(column) : " ".repeat(column)) + line)
        .map((line) => line.trimEnd())
        .join("\n");
    })
    .join("\n");
}

function rowOf(option: readonly [string, Option]): readonly [string, string] {
  return [written(option), option[1].about];
}

/** Without the actions that take it: the help is of one of them. */
function rowOfAction(option: readonly [string, Option]): readonly [string, string] {
  return [written(option), option[1].about.replace(/^\([^)]*\) /, "")];
}

/** A line of usage that begins with a space goes on with the one before it. */
function continued(line: string, start: string): string {
  return line.startsWith(" ") ? " ".repeat(start.length) + line.trimStart() : start + line;
}

function usage(lines: readonly string[]): string {
  return lines
    .map((line, index) => (index === 0 ? "Usage: " : "       ") + line.trimEnd())
    .join("\n");
}

function actionsOf({ actions = {} }: Command): readonly string[] {
  const parts: [heading: string, rows: [string, string][]][] = [["", []]];
  for (const [name, { heading, synopsis, about }] of Object.entries(actions)) {
    if (heading !== undefined) parts.push([heading, []]);
    parts.at(-1)?.[1].push([synopsis === undefined ? name : `${name} ${synopsis}`, about]);
  }
  return parts.map(([heading, rows]) =>
    [...(heading === "" ? [] : wrap(heading, WIDTH)), table(rows)].join("\n"),
  );
}

function paragraph(text: string): string {
  return text.startsWith(" ") ? text : wrap(text, WIDTH).join("\n");
}

function sentence(phrase: string): string {
  return `${phrase.slice(0, 1).toUpperCase()}${phrase.slice(1)}.`;
}
