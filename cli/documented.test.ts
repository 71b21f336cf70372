import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { documentedLines, wordsOf } from "../testing/cli/documented.ts";
import type { Command } from "./command_line/command.ts";
import { Given } from "./command_line/given.ts";
import { readCommandLine } from "./command_line/read_command_line.ts";
import { loadCommand } from "./commands.ts";
import { readParameters as readKeyParameters } from "./key/parameters.ts";
import { readParameters as readRunParameters } from "./run/parameters.ts";

const FILES = ["README.md", "SECURITY.md", "CONTRIBUTING.md", ...globSync("docs/*.md")];
const LINES = FILES.flatMap((file) =>
  documentedLines(readFileSync(file, "utf8")).map((line) => [file, line] as const),
);

it("finds the command lines of the documents", () => {
  expect(LINES.length).toBeGreaterThan(20);
});

it.each(LINES)("%s: %s is understood", async (_, line) => {
  const [name = "", ...parameters] = wordsOf(line);
  const command = (await loadCommand(name)) as Command;
  expect(command, `there is no command ${name}`).not.toBeNull();
  const given = readCommandLine(command, parameters);
  if (!(given instanceof Given)) return;
  if (name === "key") readKeyParameters(given);
  if (name === "run") readRunParameters(given);
});
