import type { ChildProcess } from "node:child_process";
import { LetheError } from "../../core/mod.ts";
import { REMEDIES } from "./not_started.ts";

/** The end of a pipe that this process keeps. */
interface Pipe {
  /** What the program is to have as its standard input or output. */
  readonly stdio: number | "pipe";
  /** Called in the turn in which the program was started. */
  started(child: ChildProcess): void;
  close(): void;
}

/**
 * The way from the standard output of a program into secret memory. A runtime fills it.
 *
 * A conforming implementation guarantees:
 *
 * - PIPE-1: `read` passes the address of `bytes` to the kernel, and never waits: no stream of the runtime reads
 *   ahead into its own memory
 * - PIPE-2: the end is seen when the last process that has the other end has closed it
 */
export interface ProgramOutput extends Pipe {
  /** Takes at most one byte, into `bytes` at `offset`. */
  read(bytes: Uint8Array<ArrayBuffer>, offset: number): "byte" | "nothing" | "end";
}

/**
 * The way from secret memory to the standard input of a program. A runtime fills it.
 *
 * A conforming implementation guarantees:
 *
 * - INPUT-1: `write` passes the address of `bytes` to the kernel; no stream of the runtime copies them
 * - INPUT-2: `write` never waits for a program that does not read
 */
export interface ProgramInput extends Pipe {
  /** @returns how many bytes the pipe took, from the first one on; 0 while it is full */
  write(bytes: Uint8Array<ArrayBuffer>): number;
}

/** The pipes of one program each. @throws {LetheError} `ERR_LETHE_UNAVAILABLE`, as all that they open */
export interface ProgramPipes {
  openOutput(): ProgramOutput;
  openInput(): ProgramInput;
}

/** No pipe, or one that does not do what it is for. */
export function unavailable(reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot use pipe of program: ${reason}`);
}

/** @param code of the system call that was refused */
export function noPipe(code: string): LetheError {
  const remedy = REMEDIES[code];
  return unavailable(
    `there is no pipe for it (${code})${remedy === undefined ? "" : `; ${remedy}`}`,
  );
}

export function unwritable(code: string): LetheError {
  return unavailable(
    code === "EPIPE" || code === "ECONNRESET"
      ? "it no longer reads its input; run it by hand to see why"
      : `its input cannot be written (${code})`,
  );
}

/** Whether the kernel would have had to wait. */
export function isBusy(code: string): boolean {
  return code === "EAGAIN" || code === "EINTR";
}
