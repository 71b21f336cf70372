import { optional } from "../../core/arguments/own.ts";
import { builtin, process } from "../../system/node_builtins.ts";

/** What this program is, where it is one file with its runtime, which then runs no other program; or null. */
export function compiledProgram(): string | null {
  const program = process as typeof process & Record<"pkg" | "__nexe", unknown>;
  const versions: Readonly<Record<string, string | undefined>> = process.versions;
  if (builtin<{ isSea(): boolean }>("node:sea")?.isSea() === true) {
    return "a single executable of Node.js";
  }
  if (optional(versions, "electron") !== undefined) return "an Electron program";
  if (optional(versions, "nw") !== undefined) return "an NW.js program";
  if (optional(program, "pkg") !== undefined) return "a program compiled by pkg";
  return optional(program, "__nexe") === undefined ? null : "a program compiled by nexe";
}
