import type { Command } from "./command_line/command.ts";

/** Loaded when they are asked for: each brings its own part of Lethe. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  doctor: async () => (await import("./doctor/command.ts")).doctor,
  report: async () => (await import("./report/command.ts")).report,
  residue: async () => (await import("./residue/command.ts")).residue,
  key: async () => (await import("./key/command.ts")).key,
  run: async () => (await import("./run/command.ts")).run,
  custodian: async () => (await import("./custodian/command.ts")).custodian,
  scan: async () => (await import("./scan/command.ts")).scan,
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** @returns null when there is no such command */
export async function loadCommand(name: string): Promise<Command | null> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return load === undefined ? null : await load();
}
