import { readSome } from "./blocking_io.ts";

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
  for (let filled = 0; filled < bytes.length; ) {
    const count = readSome(0, bytes, filled);
    if (count === 0) process.exit(0);
    filled += count;
  }
}

const NEWLINE = 10;
