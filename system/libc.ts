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

/** Names of the C library: of glibc and musl. */
export const LINUX_NAMES: readonly string[] = [
  "libc.so.6",
  "libc.so",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
];
const DARWIN_NAMES = ["libSystem.B.dylib"];

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when no name opens, with what each answered */
export function openLinuxLibc(ffi: Ffi): LinuxLibc {
  return first(LINUX_NAMES, (name) => ffi.open(name, { ...COMMON, ...LINUX }));
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it does not open */
export function openDarwinLibc(ffi: Ffi): DarwinLibc {
  return first(DARWIN_NAMES, (name) => ffi.open(name, { ...COMMON, ...DARWIN }));
}

function first<T>(names: readonly string[], open: (name: string) => T): T {
  const answers: string[] = [];
  for (const name of names) {
    try {
      return open(name);
    } catch (error) {
      answers.push(`${name}: ${error instanceof Error ? error.message : "refused"}`);
    }
  }
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open the C library (${answers.join("; ")})`,
  );
}

/**
 * Opens functions of the first of these libraries that has them all.
 *
 * @throws {Error} what the last one answered
 */
export function openFirst<S extends Signatures>(
  ffi: Ffi,
  names: readonly string[],
  signatures: S,
): Symbols<S> {
  let last: unknown;
  for (const name of names) {
    try {
      return ffi.open(name, signatures);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
