import { spawnSync } from "node:child_process";
import { bare, errorCode, optional } from "../../core/arguments/own.ts";
import { process } from "../../system/node_builtins.ts";
import { findSystemProgram, type SystemProgram } from "../../system/system_program.ts";

/**
 * flock(2) for a Node without FFI, by flock(1) of util-linux or BusyBox. The lock belongs to the open
 * file, which the helper inherits as its descriptor 3: it stays when the helper has ended, and ends when
 * this process closes the descriptor or dies.
 *
 * The helper gets an empty environment, no terminal and no other descriptor, and is a file that only root
 * can change, never one from PATH.
 *
 * @returns false when another process has it for `patience` milliseconds
 * @throws an error with a code when there is no such program, it cannot be started, or it fails
 */
export function lockByHelper(descriptor: number, patience: number): boolean {
  return (
    run(descriptor, ["-n", "-x", "3"]) || (patience > 0 && run(descriptor, ["-x", "3"], patience))
  );
}

function run(descriptor: number, parameters: readonly string[], patience: number = START): boolean {
  const helper = findHelper();
  if (helper.path === null) throw failure("ENOSYS", helper.reason);
  const result = spawnSync(
    helper.path,
    parameters,
    bare({
      stdio: ["ignore", "ignore", "ignore", descriptor],
      // Node passes on what the object inherits, and that variable unless it is there, with any value.
      env: bare({ NODE_V8_COVERAGE: undefined }),
      cwd: "/",
      // Of a session that has no terminal: Ctrl-C ends this process, and the wait with it.
      ...({ detached: true } as object),
      timeout: Math.ceil(patience),
      killSignal: "SIGKILL",
      input: undefined,
    }),
  );
  const { signal, status } = result;
  if (status === 0) return true;
  const code = errorCode(optional(result, "error"));
  if (code === "ETIMEDOUT" || (status === 1 && parameters.includes("-n"))) return false;
  throw failure(code ?? "ENOLCK", `flock(1) ended with ${signal ?? status}`);
}

/** Milliseconds for a helper that does not wait. */
const START = 10_000;

let found: SystemProgram | undefined;

function findHelper(): SystemProgram {
  found ??=
    process.platform === "linux"
      ? findSystemProgram("flock")
      : { path: null, reason: "flock(1) is a program of Linux" };
  return found;
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
