import { expect, it } from "vitest";
import { COMMAND_NAMES, COMMANDS, loadCommand } from "../commands.ts";
import type { Command } from "./command.ts";
import { mainUsage } from "./main_usage.ts";
import { usageOf } from "./usage.ts";

/** What is longer than a terminal is wide breaks in the middle of a word. */
function expectNarrow(text: string): void {
  for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(110);
}

it("lists every command, and what is true of all", () => {
  const text = mainUsage();
  for (const name of COMMAND_NAMES) expect(text).toMatch(new RegExp(`^  ${name} .*\\w`, "m"));
  expect(text).toMatch(/^Usage: lethe COMMAND\n/);
  for (const part of ["--version", "--json", "NO_COLOR", "Exit status", "  74   "]) {
    expect(text).toContain(part);
  }
  expectNarrow(text);
});

it.each(Object.keys(COMMANDS))("lethe %s --help has everything of its table", async (name) => {
  const command = (await loadCommand(name)) as Command;
  const text = usageOf(name, command);
  expect(text.startsWith(`Usage: lethe ${name} `)).toBe(true);
  for (const [option, { about }] of Object.entries(command.options)) {
    expect(text).toMatch(new RegExp(`^  --${option}\\b`, "m"));
    expect(text.replace(/\s+/g, " ")).toContain(about.replace(/\s+/g, " "));
  }
  for (const [status] of command.exits) expect(text).toContain(`\n  ${status}`);
  expect(text).toContain("\nExit status:\n");
  expectNarrow(text);
});

it("shows of an action what it takes, and nothing else", async () => {
  const key = (await loadCommand("key")) as Command;
  const text = usageOf("key", key, "unseal");
  expect(text).toBe(`Usage: lethe key unseal PATH [options]

Decrypt it again.

  --passphrase-fd N  read the passphrase as one line from this descriptor (3<file, or a pipe)
  --json             the result, as JSON

Exit status:
  0    done
  1    refused (the path, its owner, its mode, the file system)
  2    wrong usage, or a file --out that is there already
  3    wrong passphrase
  4    the file has another size, is plain instead of sealed or the reverse, is damaged or in
       another format
  130  Ctrl-C
`);
  for (const action of Object.keys(key.actions ?? {})) {
    const own = usageOf("key", key, action);
    expect(own).toMatch(new RegExp(`^Usage: lethe key ${action} `));
    expect(own).toContain("--json");
    expectNarrow(own);
  }
});
