import { LetheError } from "../../core/contract/errors.ts";

/**
 * The other readers of this program: a terminal gives each byte to one of them, and whichever gets it
 * may show it. An adapter fills it.
 *
 * A conforming implementation guarantees:
 *
 * - READER-1: a terminal that is held is read by no stream of this program, also not by one that begins to
 * - READER-2: `release` leaves every stream as it was, with what was asked of it since
 * - READER-3: a stream that cannot be held is an error, before anybody types
 */
export interface Readers {
  /** @throws {LetheError} `ERR_LETHE_PROMPT_BUSY` */
  hold(): Promise<HeldReaders>;
  /**
   * For standard input that is not a terminal: what a stream has read ahead is gone into strings.
   *
   * @throws {LetheError} `ERR_LETHE_PROMPT_BUSY` when a stream of this program has read it, or does
   */
  checkInput(): void;
}

/** A terminal that is held. */
export interface HeldReaders {
  /** Holds those too that have begun since. */
  keep(): void;
  /** @param isEnding this process ends: then the terminal is left as a shell wants it */
  release(isEnding: boolean): void;
}

export function contested(): LetheError {
  return busy(
    "another read of this terminal waits, in this program (Deno.stdin.read, fs.read, another thread) or in another one, and would get what is typed; let it end first",
  );
}

/** @param reader what reads, as its owner knows it */
export function unholdable(reader: string): LetheError {
  return busy(`${reader} reads the terminal, and cannot be halted; close it first`);
}

export function readAhead(): LetheError {
  return busy(
    "process.stdin of this program reads standard input, or has, and takes more than one line at a time: the line may be in its buffers; ask before anything reads process.stdin, or hand the secret over on a descriptor for it alone",
  );
}

export function waitsElsewhere(): LetheError {
  return busy(
    "another read of standard input waits in this program, and would get the line; let it end first",
  );
}

function busy(reason: string): LetheError {
  return new LetheError("ERR_LETHE_PROMPT_BUSY", `Cannot prompt for secret: ${reason}`);
}
