import { closeSync, constants, fstatSync, openSync, read, readSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers";
import { openNamed } from "./open_named.ts";
import { isStandardInput } from "./standard_input.ts";

/** Standard input, or a file that was named. It is opened once and read once, from its beginning on: it may be a pipe. */
export interface Input {
  /**
   * Whether no {@link Input.read} makes the process wait where it hears no signal. So it is for regular files, and on Linux
   * for what can be opened again without waiting: pipes and terminals, not sockets.
   */
  readonly hearsSignals: boolean;
  /** How long a file is that was named; null where only reading it tells. */
  readonly byteLength: number | null;
  /** Reads into a part of `bytes`. @returns how many came; 0 at the end; null: none yet */
  read(bytes: Uint8Array, offset: number): number | null;
  /** The same, by a thread that waits. Not for secrets: what the runtime copies on the way is not known. */
  readLater(bytes: Uint8Array, offset: number): Promise<number | null>;
  close(): void;
}

/** @throws {NotPossibleError} for a folder */
export function openInput(path: string): Input {
  const first = isStandardInput(path) ? 0 : openNamed(path);
  const facts = fstatSync(first);
  const isFile = facts.isFile();
  const again = isFile ? null : openAgain(first);
  let isClosed = false;
  return {
    hearsSignals: isFile || again !== null,
    byteLength: isFile && first !== 0 && facts.size > 0 ? facts.size : null,
    read: (bytes, offset) => (isClosed ? 0 : readOnce(again ?? first, bytes, offset)),
    readLater: (bytes, offset) => readByThread(again ?? first, bytes, offset),
    close() {
      isClosed = true;
      if (again !== null) closeSync(again);
      if (first !== 0) closeSync(first);
    },
  };
}

/**
 * Reads until `length` bytes are there or the end: `read` reads behind what came before. The event loop turns before, so that
 * a signal is heard between two pieces of a file.
 *
 * @returns how many came
 */
export async function fill(
  length: number,
  read: (offset: number) => number | null | Promise<number | null>,
): Promise<number> {
  let filled = 0;
  await pauseFor(0);
  for (let waits = 0; filled < length; ) {
    const count = await read(filled);
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

function readByThread(
  descriptor: number,
  bytes: Uint8Array,
  offset: number,
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    read(descriptor, bytes, offset, bytes.length - offset, null, (error, count) => {
      if (error === null) resolve(count);
      else if (error.code === "EAGAIN") resolve(null);
      else reject(error);
    });
  });
}

/** A pipe that is busy has more at once; one that stalls is looked at some hundred times a second. */
function pauseFor(waits: number): Promise<void> {
  return new Promise((resolve) => {
    if (waits < 50) setImmediate(resolve);
    else setTimeout(resolve, Math.min(10, waits - 49));
  });
}
