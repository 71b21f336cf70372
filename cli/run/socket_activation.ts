import { findSystemProgram } from "../../system/system_program.ts";
import type { CallerDescriptor } from "../caller_descriptors.ts";
import { complain } from "../output.ts";
import { FIRST } from "./parameters.ts";

/** The environment of a command, with the variables that a service manager addressed to this process. */
export interface Handover {
  readonly environment: NodeJS.ProcessEnv;
  /** Variables that have to name the command's own process. */
  readonly naming: readonly string[];
}

/**
 * What a service manager said about descriptors (sd_listen_fds(3)) and its watchdog (sd_watchdog_enabled(3)),
 * as it is true of the command. `LISTEN_FDS` stays if the sockets are really handed on, under the same
 * numbers; else it goes, because it would point at other descriptors, secrets among them.
 *
 * `LISTEN_PID` and `WATCHDOG_PID` named this process, and have to name the command.
 */
export function handoverOf(
  environment: NodeJS.ProcessEnv,
  callers: readonly CallerDescriptor[],
  pid: number,
): Handover {
  const kept = { ...environment };
  delete kept["LISTEN_PIDFDID"]; // of this process, and nothing here can tell the command's
  if (!areHandedOn(kept["LISTEN_FDS"], callers)) {
    for (const name of ["LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID"]) delete kept[name];
  }
  const naming = ["LISTEN_PID", "WATCHDOG_PID"].filter((name) => kept[name] === String(pid));
  for (const name of naming) delete kept[name];
  return { environment: kept, naming };
}

/**
 * The command line by which a command finds its own process in these variables. Nobody but the process
 * itself knows its number in time, and so the system's shell writes it down and becomes the command.
 */
export function namingItself(
  file: string,
  parameters: readonly string[],
  variables: readonly string[],
): { readonly file: string; readonly parameters: readonly string[] } {
  if (variables.length === 0) return { file, parameters };
  const shell = findSystemProgram("sh");
  if (shell.path === null) {
    complain(`lethe run: ${variables.join(" and ")} cannot be handed on: ${shell.reason}\n`);
    return { file, parameters };
  }
  const script = `${variables.map((name) => `export ${name}=$$`).join("; ")}; exec "$@"`;
  return { file: shell.path, parameters: ["-c", script, "lethe", file, ...parameters] };
}

function areHandedOn(count: string | undefined, callers: readonly CallerDescriptor[]): boolean {
  if (count === undefined || !/^[1-9]\d{0,3}$/.test(count)) return false;
  const open = new Set(callers.map(({ number }) => number));
  return Array.from({ length: Number(count) }, (_, index) => FIRST + index).every((number) =>
    open.has(number),
  );
}
