import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { openNamed } from "./open_named.ts";
import { isStandardInput } from "./standard_input.ts";

/** Standard input, or a file that was named. It is opened once and read once, from its beginning on: it may be a pipe. */
export interface Input {
  /**
   * Whether no read makes the process wait where it hears no signal. So it is for regular files, and on Linux for what can
   * be opened again without waiting: pipes and terminals, not sockets.
   */
  readonly hearsSignals: boolean;
  /** How long a file is that was named; null where only reading it tells. */
  readonly byteLength: number | null;
  /** Reads into a part of `bytes`. @returns how many came; 0 at the end; null: none yet */
  read(bytes: Uint8Array, offset: number): number | null;
  close(): void;
}

/** @throws {NotPossibleError} for a folder */
export function openInput(path: string): Input {
  const first = isStandardInput(path) ? 0 : openNamed(path);
  const facts = fstatSync(first);
  const isFile = facts.isFile();
  const again = isFile ? null : openAgain(first);
  return {
    hearsSignals: isFile || again !== null,
    byteLength: isFile && first !== 0 && facts.size > 0 ? facts.size : null,
    read: (bytes, offset) => readOnce(again ?? first, bytes, offset),
    close() {
      if (again !== null) closeSync(again);
      if (first !== 0) closeSync(first);
    },
  };
}

/**
 * Reads until `length` bytes are there or the end: `read` reads behind what came before.
 *
 * @returns how many came
 */
export async function fill(
  length: number,
  read: (offset: number) => number | null,
): Promise<number> {
  let filled = 0;
  for (let waits = 0; filled < length; ) {
    const count = read(filled);
    if (count === 0) break;
    if (count === null) await pauseFor(waits++);
    else {
      filled += count;
      waits = 0;
    }
  }
  return filled;
}

/** Another opening of the same pipe: O_NONBLOCK on this one is nobody else's. Null where there is none. */
function openAgain(descriptor: number): number | null {
  if (process.platform !== "linux") return null;
  try {
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    return openSync(`/proc/self/fd/${descriptor}`, flags);
  } catch {
    return null; // a socket, or another user's
  }
}

function readOnce(descriptor: number, bytes: Uint8Array, offset: number): number | null {
  try {
    return readSync(descriptor, bytes, offset, bytes.length - offset, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    return null;
  }
}

/** A pipe that is busy has more at once; one that stalls is looked at some hundred times a second. */
function pauseFor(waits: number): Promise<void> {
  return new Promise((resolve) => {
    if (waits < 50) setImmediate(resolve);
    else setTimeout(resolve, Math.min(10, waits - 49));
  });
}
