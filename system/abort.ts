import { fs, process } from "./node_builtins.ts";
import { isPermitted } from "./permitted.ts";

const { writeSync } = fs;

/**
 * Ends the process by SIGABRT: one line on standard error and nothing else.
 *
 * `process.abort()` alone would print Node's native and JavaScript stacks below that line. The
 * application's own listeners to SIGABRT would keep the process alive, and are taken off first. A
 * worker cannot do that when they belong to the main thread: the process then ends by SIGKILL.
 */
export function abort(line: string): never {
  attempt(() => writeSync(2, `${line}\n`));
  attempt(() => process.removeAllListeners("SIGABRT"));
  attempt(() => send("SIGABRT"));
  attempt(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DELIVERY_TIME));
  attempt(() => process.abort());
  for (;;) attempt(() => send("SIGKILL"));
}

/** Without the permission Deno would ask at the terminal, and go on if it is refused. */
function send(signal: NodeJS.Signals): void {
  if (isPermitted({ name: "run" })) process.kill(process.pid, signal);
}

/** Nothing keeps the process from ending: not a closed standard error, nor a worker without abort. */
function attempt(step: () => unknown): void {
  try {
    step();
  } catch {
    // The next step ends the process.
  }
}

/** In milliseconds. A signal reaches this thread at once, and from a worker the others soon. */
const DELIVERY_TIME = 100;
