import { errorCode } from "../../core/arguments/own.ts";
import type { Ffi } from "../../memories/pages/mod.ts";
import { systemCallNumber } from "../../system/system_calls.ts";
import { terminated } from "../../system/terminated.ts";
import type { Directory } from "./file_calls.ts";
import { checked, openLibc } from "./libc.ts";
import { pollFor } from "./poll.ts";

/** What node:fs has not, through FFI. */
export interface NativeCalls {
  lock(descriptor: number, patience: number): boolean;
  readonly renameNew: ((directory: Directory, from: string, to: string) => void) | undefined;
  accessList(descriptor: number): Uint8Array<ArrayBuffer> | null;
}

const SIGNATURES = {
  __errno_location: { parameters: [], result: "usize" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  fgetxattr: { parameters: ["i32", "bytes", "bytes", "usize"], result: "isize" },
} as const;

// renameat2(2) by its number: musl has had no function for it for long. Variadic in C; on Linux
// integers are passed to it as to any other function.
const RENAME = {
  syscall: {
    parameters: ["isize", "isize", "bytes", "isize", "bytes", "isize"],
    result: "isize",
  },
} as const;

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export function nativeCalls(ffi: Ffi): NativeCalls {
  const libc = openLibc(ffi, SIGNATURES);
  const check = checked(ffi, libc.__errno_location());
  const number = systemCallNumber("renameat2");
  return {
    lock: (descriptor, patience) =>
      pollFor(patience, () => {
        try {
          check(libc.flock(descriptor, LOCK_EX | LOCK_NB));
          return true;
        } catch (error) {
          if (errorCode(error) === "EAGAIN") return false;
          throw error;
        }
      }),
    renameNew: number === undefined ? undefined : renamer(ffi, BigInt(number)),
    accessList(descriptor) {
      const list = new Uint8Array(new ArrayBuffer(LONGEST_LIST));
      const name = terminated("system.posix_acl_access");
      try {
        const length = check(libc.fgetxattr(descriptor, name, list, BigInt(LONGEST_LIST)));
        return new Uint8Array(list.buffer, 0, length);
      } catch (error) {
        const code = errorCode(error);
        if (code === "ENODATA" || code === "EOPNOTSUPP") return null;
        throw error;
      }
    },
  };
}

function renamer(ffi: Ffi, number: bigint): NonNullable<NativeCalls["renameNew"]> {
  const libc = openLibc(ffi, { __errno_location: SIGNATURES.__errno_location, ...RENAME });
  const check = checked(ffi, libc.__errno_location());
  return ({ descriptor }, from, to) => {
    const at = BigInt(descriptor);
    check(libc.syscall(number, at, terminated(from), at, terminated(to), RENAME_NOREPLACE));
  };
}

const RENAME_NOREPLACE = 1n;
const LOCK_EX = 2;
const LOCK_NB = 4;
/** Far more entries than any list has that names one user. */
const LONGEST_LIST = 4096;
