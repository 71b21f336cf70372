import { spawn } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";

/** Signals that are passed on to the command. */
const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const;
/** Those that a terminal sends to the command as well. */
const KEYS = ["SIGINT", "SIGQUIT"] as const;

/** What a shell gives for a command that is not there, and for one that may not be started. */
const STATUS: Readonly<Record<string, number>> = { ENOENT: 127, EACCES: 126 };

/**
 * Runs the command with `descriptors` as 3, 4 and so on, and everything else as this process has it.
 *
 * @returns its exit status; 128 + n when signal n ended it
 */
export async function start(
  [file = "", ...parameters]: readonly string[],
  descriptors: readonly number[],
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const child = spawn(file, parameters, {
    stdio: ["inherit", "inherit", "inherit", ...descriptors],
    env: { ...process.env, ...variables },
  });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  const leave = (): void => undefined;
  for (const signal of FORWARDED) process.on(signal, pass);
  for (const signal of KEYS) process.on(signal, process.stdin.isTTY ? leave : pass);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) => {
        const status = STATUS[error.code ?? ""];
        if (status === undefined) reject(error);
        else {
          process.stderr.write(`lethe run: ${file}: ${error.code}\n`);
          resolve(status);
        }
      });
      child.once("exit", (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const signal of FORWARDED) process.removeListener(signal, pass);
    for (const signal of KEYS) process.removeListener(signal, process.stdin.isTTY ? leave : pass);
  }
}
