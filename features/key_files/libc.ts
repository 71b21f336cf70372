import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import type { Ffi, Signatures, Symbols } from "../../memories/pages/mod.ts";
import { TextEncoder } from "../../system/node_builtins.ts";

/**
 * Functions of the C library, on Linux.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`, with what each library answered
 */
export function openLibc<S extends Signatures>(ffi: Ffi, signatures: S): Symbols<S> {
  if (ffi.platform !== "linux") {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot open key files: there are no system calls for ${ffi.platform}`,
    );
  }
  const answers: string[] = [];
  for (const name of LIBRARIES) {
    try {
      return ffi.open(name, signatures);
    } catch (error) {
      answers.push(`${name}: ${error instanceof Error ? error.message : "it does not open"}`);
    }
  }
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open key files: the C library does not open (${answers.join("; ")})`,
  );
}

/** Turns a negative result into a {@link CallError}. `location` is what `__errno_location` gave. */
export function checked(ffi: Ffi, location: bigint): (result: number | bigint) => number {
  const errno = new Int32Array(ffi.viewAt(location, 4));
  return (result) => {
    if (result < 0) throw new CallError(errno[0] ?? 0);
    return Number(result);
  };
}

/** Text as C takes it. */
export function terminated(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}

/** A call that failed. The number is the one of Linux, the same on all but ancient architectures. */
export class CallError extends Error {
  readonly code: string;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.code = NAMES[errno] ?? `errno ${errno}`;
  }
}

const LIBRARIES = ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

const NAMES: Readonly<Record<number, string>> = bare({
  1: "EPERM",
  2: "ENOENT",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  16: "EBUSY",
  17: "EEXIST",
  18: "EXDEV",
  19: "ENODEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  26: "ETXTBSY",
  27: "EFBIG",
  28: "ENOSPC",
  30: "EROFS",
  31: "EMLINK",
  34: "ERANGE",
  36: "ENAMETOOLONG",
  37: "ENOLCK",
  38: "ENOSYS",
  39: "ENOTEMPTY",
  40: "ELOOP",
  61: "ENODATA",
  95: "EOPNOTSUPP",
  116: "ESTALE",
  122: "EDQUOT",
});
