import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";

/** Signals that are passed on to the command, each time that they come. */
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const;
/** Those that a terminal sends to the command as well. */
const KEYS = ["SIGINT", "SIGQUIT"] as const;

/** What a shell gives for a command that is not there, and for one that cannot be started. */
const NOT_FOUND = 127;
const NOT_STARTED = 126;

/**
 * Runs the command with `descriptors` as 3, 4 and so on, and everything else as this process has it.
 * They are closed here as soon as the command has them: what it never reads ends with it.
 *
 * @returns its exit status; 128 + n when signal n ended it
 */
export async function start(
  [file = "", ...parameters]: readonly string[],
  descriptors: readonly number[],
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const child = handing(descriptors, () =>
    spawn(file, parameters, {
      stdio: ["inherit", "inherit", "inherit", ...descriptors],
      env: { ...process.env, ...variables },
    }),
  );
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  const passUnlessTyped = (signal: NodeJS.Signals): void => {
    if (!isInForeground()) pass(signal);
  };
  for (const signal of FORWARDED) process.on(signal, pass);
  for (const signal of KEYS) process.on(signal, passUnlessTyped);
  try {
    return await new Promise((resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        process.stderr.write(`lethe run: ${file}: ${error.code}\n`);
        resolve(error.code === "ENOENT" ? NOT_FOUND : NOT_STARTED);
      });
      child.once("exit", (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const signal of FORWARDED) process.removeListener(signal, pass);
    for (const signal of KEYS) process.removeListener(signal, passUnlessTyped);
  }
}

function handing(descriptors: readonly number[], begin: () => ChildProcess): ChildProcess {
  try {
    return begin();
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}

/**
 * Whether this is the job that a terminal sends its keys' signals to, the command among them: fields 5
 * and 8 of /proc/PID/stat, proc_pid_stat(5). One that is sent by kill(1) then cannot be told from a key.
 */
function isInForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , foreground] = stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ");
    return group === foreground;
  } catch {
    return process.stdin.isTTY;
  }
}
