import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/**
 * Standard output and standard error, written at once and not through Node's streams: those set
 * O_NONBLOCK on a pipe, which everybody who shares it then has to live with, and raise an error about a
 * reader who left where nobody can catch it.
 */
export type OutputDescriptor = 1 | 2;

/** Standard output could not be written. With `EPIPE` its reader has left, which is no error of ours. */
export class OutputError extends Error {
  override readonly name = "OutputError";
  readonly code: string;

  constructor(code: string) {
    super(`Cannot write standard output: ${code}`);
    this.code = code;
  }
}

/** @throws {OutputError} */
export function print(text: string): void {
  try {
    write(1, text);
  } catch (error) {
    throw new OutputError((error as NodeJS.ErrnoException).code ?? "unknown");
  }
}

/** Writes to standard error, if that goes. */
export function complain(text: string): void {
  try {
    write(2, text);
  } catch {
    // Nobody is left to whom it could be said.
  }
}

export function isTerminal(descriptor: OutputDescriptor): boolean {
  return isatty(descriptor);
}

function write(descriptor: OutputDescriptor, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // Another process may have set O_NONBLOCK on it: a full pipe is to be waited for.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(PAUSE, 0, 0, POLL_INTERVAL);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
/** In milliseconds. */
const POLL_INTERVAL = 5;
