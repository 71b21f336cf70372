import { findSystemProgram, programFlaw } from "../../system/system_program.ts";
import { flagsToStart, userHere } from "./surroundings.ts";

/**
 * Where a program is: the path that was given, or that of its name among the programs of the system. Never
 * PATH, which a folder of the project may stand at the beginning of.
 *
 * @param failed makes the error of a reason, which ends with what the caller can do
 * @throws what `failed` makes when there is none, somebody else could change it, or Deno does not allow to start it
 */
export function pathOfProgram(
  name: string,
  given: string | undefined,
  failed: (reason: string) => Error,
): string {
  const path = given ?? found(name, failed);
  const flaw = given === undefined ? null : programFlaw(given, userHere());
  if (flaw?.isAbsent) throw failed("there is no such program; correct the path");
  if (flaw?.isDenied) throw failed(`${flaw.reason}, and it was not checked; grant it`);
  if (flaw !== null) throw failed(`${flaw.reason}; ${flaw.remedy}`);
  const flags = flagsToStart(path);
  if (flags.length === 0) return path;
  throw failed(`Deno does not allow it; grant ${flags.join(" and ")}`);
}

function found(name: string, failed: (reason: string) => Error): string {
  const program = findSystemProgram(name);
  if (program.path !== null) return program.path;
  throw failed(`${program.reason}; install it, or pass its absolute path as program`);
}
