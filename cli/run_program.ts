import { type ChildProcess, spawn } from "node:child_process";
import { probeEnvironment } from "./probe_environment.ts";

/** How a program ended, and what it printed. */
export interface ProgramOutput {
  /** Null when it did not start, or was ended because it took too long. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end with the environment of a probe and no terminal. Not by `spawnSync`: Deno
 * hands the whole environment on there, whatever it is told.
 */
export function runProgram(
  path: string,
  parameters: readonly string[],
  milliseconds: number,
  more: NodeJS.ProcessEnv = {},
): Promise<ProgramOutput> {
  const env = { ...probeEnvironment(path), ...more };
  let child: ChildProcess;
  try {
    child = spawn(path, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
  } catch {
    // What the system refuses at once, as ETXTBSY for a program that is being written.
    return Promise.resolve({ status: null, stdout: "", stderr: "" });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), milliseconds);
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    const end = (status: number | null): void => {
      clearTimeout(timer);
      resolve({ status, stdout, stderr });
    };
    child.once("error", () => end(null));
    child.once("close", end);
  });
}
