import { closeSync, openSync, readSync } from "node:fs";
import { ForensicsError, systemCode } from "./forensics_error.ts";
import type { Sweep } from "./sweep.ts";

/** Reads until `target` is full or the file ends. Gives the bytes read. */
export function readFully(descriptor: number, target: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < target.length) {
    const count = readSync(descriptor, target, filled, target.length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/**
 * The text of a small file under `/proc`.
 *
 * Such files say that their size is 0. Reading by position in large pieces, they are consistent
 * within each piece (proc(5) promises no more).
 */
export function readProcText(path: string): string {
  const descriptor = openSync(path, "r");
  try {
    const parts: Uint8Array[] = [];
    for (let position = 0; ; ) {
      const part = new Uint8Array(new ArrayBuffer(2 ** 18));
      const count = readSync(descriptor, part, 0, part.length, position);
      if (count === 0) break;
      parts.push(part.subarray(0, count));
      position += count;
    }
    const decoder = new TextDecoder();
    return parts.map((part) => decoder.decode(part, { stream: true })).join("") + decoder.decode();
  } finally {
    closeSync(descriptor);
  }
}

/** Opens `path` for `use` and closes it after. @throws {ForensicsError} `ERR_FORENSICS_FILE` */
export function withFile<T>(path: string, use: (descriptor: number) => T): T {
  const descriptor = reading(path, () => openSync(path, "r"));
  try {
    return reading(path, () => use(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/** Hands `byteLength` bytes of a file, or those that there are, to `sweep` as memory at `address`. */
export function readPart(
  descriptor: number,
  position: number,
  byteLength: number,
  address: number,
  sweep: Sweep,
): number {
  let done = 0;
  while (done < byteLength) {
    const space = sweep.space(address + done, byteLength - done);
    const count = readSync(descriptor, space, 0, space.length, position + done);
    if (count === 0) break;
    sweep.filled(count);
    done += count;
  }
  return done;
}

function reading<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    // Only the operating system's errors are the file's: others are ours and must be seen as they are.
    if (!(error instanceof Error && "code" in error) || error instanceof ForensicsError)
      throw error;
    throw new ForensicsError(
      "ERR_FORENSICS_FILE",
      `Cannot scan file ${path}: ${systemCode(error)}`,
    );
  }
}
