import { type ChildProcess, spawn } from "node:child_process";
import { bare } from "../../core/arguments/own.ts";
import type { ProgramInput, ProgramOutput, ProgramPipes } from "./pipes.ts";
import { usualEnvironment } from "./surroundings.ts";

/** A program between two pipes that this process keeps. */
export interface PipedProgram {
  readonly child: ChildProcess;
  readonly input: ProgramInput;
  readonly output: ProgramOutput;
}

/**
 * Starts a program of the system without a shell, in a process group that can be ended whole. Its standard error goes nowhere.
 *
 * @throws what the runtime says of a program that does not start; no pipe is then open
 */
export async function startPiped(
  openPipes: () => ProgramPipes,
  path: string,
  words: readonly string[],
): Promise<PipedProgram> {
  const opened: (ProgramInput | ProgramOutput)[] = [];
  try {
    const pipes = openPipes();
    const output = pipes.openOutput();
    opened.push(output);
    const input = pipes.openInput();
    opened.push(input);
    const options = {
      stdio: [input.stdio, output.stdio, "ignore"] as const,
      env: bare(usualEnvironment(FOLDERS)),
      cwd: "/",
      shell: false,
      detached: true, // a group that is ended whole
    };
    const child = spawn(path, [...words], bare(options) as never) as ChildProcess;
    if (child.pid === undefined) throw await failureOf(child);
    child.on("error", () => undefined); // its output ends, and that is what is said
    input.started(child);
    output.started(child);
    return { child, input, output };
  } catch (error) {
    for (const pipe of opened) pipe.close();
    throw error;
  }
}

/** Why a program did not start, which is said a turn later. */
export function failureOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once("error", resolve);
  });
}

const FOLDERS = "/usr/bin:/bin:/usr/sbin:/sbin";
