import { bare } from "../core/arguments/own.ts";
import { LetheError } from "../core/contract/errors.ts";
import type { Ffi, Signatures, Symbols } from "./ffi.ts";

const COMMON = {
  sysconf: { parameters: ["i32"], result: "isize" },
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "isize"], result: "usize" },
  munmap: { parameters: ["usize", "usize"], result: "i32" },
  // The int of mprotect and memset is passed as a word, of which C takes the lower half: it is in a
  // register on every 64-bit system, and Node's check of an int costs more than the call.
  mprotect: { parameters: ["usize", "usize", "usize"], result: "i32" },
  mlock: { parameters: ["usize", "usize"], result: "i32" },
  madvise: { parameters: ["usize", "usize", "i32"], result: "i32" },
  getrlimit: { parameters: ["i32", "bytes"], result: "i32" },
  // The results of these three are addresses or say nothing new: not worth a bigint each.
  memset: { parameters: ["usize", "usize", "usize"], result: "void" },
  memcpy: { parameters: ["usize", "usize", "usize"], result: "void" },
  memcmp: { parameters: ["usize", "usize", "usize"], result: "i32" },
} as const;

const LINUX = {
  __errno_location: { parameters: [], result: "usize" },
  getrandom: { parameters: ["bytes", "usize", "i32"], result: "isize" },
  // open, syscall and prctl are variadic in C. On Linux integers are passed to those as to any other
  // function; on Apple silicon they are not, and so macOS has neither.
  open: { parameters: ["bytes", "i32"], result: "i32" },
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  pread: { parameters: ["i32", "bytes", "usize", "isize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  ftruncate: { parameters: ["i32", "isize"], result: "i32" },
  syscall: { parameters: ["isize", "usize"], result: "isize" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
} as const;

const DARWIN = {
  __error: { parameters: [], result: "usize" },
  getentropy: { parameters: ["bytes", "usize"], result: "i32" },
  minherit: { parameters: ["usize", "usize", "i32"], result: "i32" },
} as const;

/** The functions that Linux and macOS share. */
export type Libc = Symbols<typeof COMMON>;
/** The functions used on Linux, of glibc or musl. */
export type LinuxLibc = Libc & Symbols<typeof LINUX>;
/** The functions used on macOS. Not verified here. */
export type DarwinLibc = Libc & Symbols<typeof DARWIN>;

/** What mmap answers when it fails. */
export const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/** Names of the C library by platform: of glibc and of musl, and of macOS. */
export const LIBC_NAMES: Readonly<Record<string, readonly string[]>> = bare({
  linux: ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["libSystem.B.dylib"],
});

/**
 * Opens functions of the C library: of the first of its names that has them all.
 *
 * @param others names of libraries in which older systems have them
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when no name opens, with what each answered
 */
export function openLibrary<S extends Signatures>(
  ffi: Ffi,
  signatures: S,
  others: readonly string[] = [],
): Symbols<S> {
  const answers: string[] = [];
  for (const name of [...(LIBC_NAMES[ffi.platform] ?? []), ...others]) {
    try {
      return ffi.open(name, signatures);
    } catch (error) {
      answers.push(`${name}: ${error instanceof Error ? error.message : "refused"}`);
    }
  }
  const why = answers.length === 0 ? `none is known for ${ffi.platform}` : answers.join("; ");
  throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open the C library (${why})`);
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export function openLinuxLibc(ffi: Ffi): LinuxLibc {
  return openLibrary(ffi, { ...COMMON, ...LINUX });
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export function openDarwinLibc(ffi: Ffi): DarwinLibc {
  return openLibrary(ffi, { ...COMMON, ...DARWIN });
}
