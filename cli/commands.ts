import type { Command, ListedCommand } from "./command_line/command.ts";

/** The one table of commands. Help, the man page and completions are made of it. */
export const COMMANDS: Readonly<Record<string, ListedCommand>> = {
  doctor: {
    synopsis: "",
    summary: "prove what this machine's runtimes and memories give",
    load: async () => (await import("./doctor/command.ts")).doctor,
  },
  report: {
    synopsis: "[--out FOLDER]",
    summary: "the whole suite on every runtime, as HTML, Markdown and JSON",
    load: async () => (await import("./report/command.ts")).report,
  },
  residue: {
    synopsis: "",
    summary: "count the copies that Lethe and plain approaches leave in memory",
    load: async () => (await import("./residue/command.ts")).residue,
  },
  key: {
    synopsis: "ACTION PATH",
    summary: "make, check, seal, rotate and remove key files",
    load: async () => (await import("./key/command.ts")).key,
  },
  envelope: {
    synopsis: "ACTION FILE OUT",
    summary: "seal files to recipients, as age files, and open them",
    load: async () => (await import("./envelope/command.ts")).envelope,
  },
  run: {
    synopsis: "OPTIONS -- COMMAND",
    summary: "run a program with secrets on inherited descriptors",
    load: async () => (await import("./run/command.ts")).run,
  },
  agent: {
    synopsis: "[--key PATH]... [-- COMMAND]",
    summary: "an SSH agent whose keys are in a custodian",
    load: async () => (await import("./agent/command.ts")).agent,
  },
  custodian: {
    synopsis: "status",
    summary: "start a custodian, show what protects its process, and end it",
    load: async () => (await import("./custodian/command.ts")).custodian,
  },
  scan: {
    synopsis: "PID",
    summary: "search another process for a secret",
    load: async () => (await import("./scan/command.ts")).scan,
  },
  completions: {
    synopsis: "SHELL",
    summary: "print the completions of lethe for bash, zsh or fish",
    load: async () => (await import("./completions/command.ts")).completionsOf(COMMANDS),
  },
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** @returns null when there is no such command */
export async function loadCommand(name: string): Promise<Command | null> {
  return Object.hasOwn(COMMANDS, name) ? ((await COMMANDS[name]?.load()) ?? null) : null;
}
