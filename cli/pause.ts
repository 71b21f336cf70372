import { readSync } from "node:fs";

/**
 * Blocks a probe until a line arrives on standard input, so that a scanner looks at exactly this
 * moment: no tick, no collection and no timer lies between. The end of the input means that the
 * scanner is gone, and ends the process.
 */
export function pause(): void {
  const byte = new Uint8Array(1);
  while (byte[0] !== NEWLINE) readInput(byte);
}

/** Fills `bytes` from a line of standard input and passes over its end. */
export function readTyped(bytes: Uint8Array): void {
  readInput(bytes);
  pause();
}

/** Fills `bytes` from standard input, straight into its memory, and blocks meanwhile. */
function readInput(bytes: Uint8Array): void {
  let filled = 0;
  while (filled < bytes.length) {
    try {
      const count = readSync(0, bytes, filled, bytes.length - filled, null);
      if (count === 0) process.exit(0);
      filled += count;
    } catch (error) {
      // Node leaves inherited pipes non-blocking: no byte yet is not the end of the input.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(SLEEP, 0, 0, 2);
    }
  }
}

const NEWLINE = 10;
const SLEEP = new Int32Array(new SharedArrayBuffer(4));
