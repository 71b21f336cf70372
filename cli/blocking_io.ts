import { readSync, writeSync } from "node:fs";

/**
 * Reads and writes that block, on a descriptor that may be non-blocking: O_NONBLOCK belongs to the open
 * file, and another process that shares it may have set it. Nothing yet is then not the end.
 */

/** @returns how many bytes came, straight into `bytes`; 0 at the end */
export function readSome(descriptor: number, bytes: Uint8Array, offset: number): number {
  return retry(() => readSync(descriptor, bytes, offset, bytes.length - offset, null));
}

/** @returns the number of bytes that came before the end, or that fill `bytes` */
export function readToEnd(descriptor: number, bytes: Uint8Array): number {
  let length = 0;
  while (length < bytes.length) {
    const count = readSome(descriptor, bytes, length);
    if (count === 0) break;
    length += count;
  }
  return length;
}

export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += retry(() => writeSync(descriptor, bytes, at, bytes.length - at));
  }
}

function retry(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(PAUSE, 0, 0, POLL_INTERVAL);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
/** In milliseconds. */
const POLL_INTERVAL = 5;
