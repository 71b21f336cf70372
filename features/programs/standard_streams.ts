import { readSync, writeSync } from "node:fs";
import { errorCode } from "../../core/arguments/own.ts";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { isBusy, unavailable } from "./pipes.ts";

/**
 * Standard input and output of this process, for secrets: the kernel gets the address of the bytes, as by
 * {@link ProgramOutput} and {@link ProgramInput}. A read waits for a byte unless the descriptor does not block.
 */
export interface StandardStreams {
  /** @returns how many bytes came, at least 1, of those that `bytes` has room for */
  read(bytes: Uint8Array<ArrayBuffer>): number | "nothing" | "end";
  /** @returns how many bytes were taken, from the first one on; 0 while there is no room */
  write(bytes: Uint8Array<ArrayBuffer>): number;
}

/** For Node. */
export const NODE_STREAMS: StandardStreams = {
  read: (bytes) => outcomeOf(unlessBusy(() => readSync(INPUT, bytes))),
  write: (bytes) => unlessBusy(() => writeSync(OUTPUT, bytes)) ?? 0,
};

function outcomeOf(count: number | null): number | "nothing" | "end" {
  return count === null ? "nothing" : count === 0 ? "end" : count;
}

function unlessBusy(call: () => number): number | null {
  try {
    return call();
  } catch (error) {
    if (isBusy(errorCode(error) ?? "")) return null;
    throw error;
  }
}

/** For Deno and Bun. Linux. @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export function ffiStreams(ffi: Ffi): StandardStreams {
  if (ffi.platform !== "linux") throw unavailable(`Lethe knows no system calls of ${ffi.platform}`);
  const libc = openLibrary(ffi, SIGNATURES);
  const errno = new Int32Array(ffi.viewAt(libc.__errno_location(), 4));
  const counted = (count: bigint): number | null =>
    unlessBusy(() => {
      if (count >= 0n) return Number(count);
      const code = ERRNO_NAMES[errno[0] ?? 0] ?? `errno ${errno[0]}`;
      throw Object.assign(new Error(`Cannot use standard stream: ${code}`), { code });
    });
  return {
    read: (bytes) => outcomeOf(counted(libc.read(INPUT, bytes, BigInt(bytes.length)))),
    write: (bytes) => counted(libc.write(OUTPUT, bytes, BigInt(bytes.length))) ?? 0,
  };
}

const SIGNATURES = {
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  __errno_location: { parameters: [], result: "usize" },
} as const;
const INPUT = 0;
const OUTPUT = 1;
