import { LetheError } from "../../core/mod.ts";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi, Signatures, Symbols } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";

/**
 * Functions of the C library, on Linux.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`, with what each library answered
 */
export function openLibc<S extends Signatures>(ffi: Ffi, signatures: S): Symbols<S> {
  if (ffi.platform !== "linux") {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot open key files: Lethe knows no system calls of ${ffi.platform}`,
    );
  }
  return openLibrary(ffi, signatures);
}

/** Turns a negative result into a {@link CallError}. `location` is what `__errno_location` gave. */
export function checked(ffi: Ffi, location: bigint): (result: number | bigint) => number {
  const errno = new Int32Array(ffi.viewAt(location, 4));
  return (result) => {
    if (result < 0) throw new CallError(errno[0] ?? 0);
    return Number(result);
  };
}

/** A call that failed. The number is the one of Linux, the same on all but ancient architectures. */
export class CallError extends Error {
  readonly code: string;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.code = ERRNO_NAMES[errno] ?? `errno ${errno}`;
  }
}
