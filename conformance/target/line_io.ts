import { readSync, writeSync } from "node:fs";

/** Lines in and out, without a turn of the event loop. */
export interface LineIo {
  /** @returns the next line, or null at the end of input */
  read(): string | null;
  write(line: string): void;
}

/**
 * Lines on standard input and output by blocking system calls.
 *
 * That they block is the point: between a reply and the next request the whole thread stands still,
 * so that what is seen from outside is the process as the step before left it. A tick, a microtask
 * or a finalizer that would clean up later has not run.
 */
export function standardLines(): LineIo {
  const chunk = new Uint8Array(new ArrayBuffer(65_536));
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let pending = "";
  return {
    read() {
      for (;;) {
        const end = pending.indexOf("\n");
        if (end !== -1) {
          const line = pending.slice(0, end);
          pending = pending.slice(end + 1);
          return line;
        }
        const count = untilReady(() => readSync(0, chunk));
        if (count === 0) return null;
        pending += decoder.decode(chunk.subarray(0, count), { stream: true });
      }
    },
    write(line) {
      let rest = encoder.encode(`${line}\n`);
      while (rest.length > 0) rest = rest.subarray(untilReady(() => writeSync(1, rest)));
    },
  };
}

/** A descriptor that was set non-blocking by someone else answers EAGAIN: try again, a bit later. */
function untilReady(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === "EOF") return 0;
      if (code !== "EAGAIN" && code !== "EWOULDBLOCK") throw error;
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
