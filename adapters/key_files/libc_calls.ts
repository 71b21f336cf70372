import { readdirSync } from "node:fs";
import process from "node:process";
import { LetheError } from "../../core/mod.ts";
import type { Ffi, Symbols } from "../posix/mod.ts";
import type { Directory, FileCalls, FileFacts } from "./file_calls.ts";

const SIGNATURES = {
  __errno_location: { parameters: [], result: "usize" },
  geteuid: { parameters: [], result: "i32" },
  // Variadic in C; on Linux integers are passed to it as to any other function.
  openat: { parameters: ["i32", "bytes", "i32", "i32"], result: "i32" },
  statx: { parameters: ["i32", "bytes", "i32", "i32", "bytes"], result: "i32" },
  fchmod: { parameters: ["i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  fsync: { parameters: ["i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  linkat: { parameters: ["i32", "bytes", "i32", "bytes", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "bytes", "i32", "bytes"], result: "i32" },
  unlinkat: { parameters: ["i32", "bytes", "i32"], result: "i32" },
} as const;

/** Asks the runtime whether the program may touch `path`: FFI goes past its own checks. */
export type Authorize = (path: string, purpose: "lookup" | "change") => void;

/**
 * The calls through libc, for Deno, whose own functions follow a symbolic link in the last component
 * and do not tell the user without one more permission. Linux only, glibc 2.28 or musl 1.2.5 and newer.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
 */
export function libcCalls(ffi: Ffi, authorize: Authorize): FileCalls {
  const libc = openLibc(ffi);
  const errno = new Int32Array(ffi.viewAt(libc.__errno_location(), 4));
  const check = (result: number | bigint): number => {
    if (result < 0) throw new CallError(errno[0] ?? 0);
    return Number(result);
  };
  return {
    access: "checked",
    user: () => libc.geteuid() >>> 0,
    openDirectory(path, purpose) {
      authorize(path, purpose);
      const flags = O_DIRECTORY | O_CLOEXEC | (purpose === "lookup" ? O_PATH : 0);
      return { descriptor: check(libc.openat(AT_FDCWD, text(path), flags, 0)), path };
    },
    openFile: ({ descriptor }, name) =>
      check(libc.openat(descriptor, text(name), O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0)),
    createFile: ({ descriptor }, name) =>
      check(
        libc.openat(
          descriptor,
          text(name),
          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
          0o400,
        ),
      ),
    stat(descriptor) {
      const facts = new Uint8Array(new ArrayBuffer(STATX_BYTES));
      check(libc.statx(descriptor, text(""), AT_EMPTY_PATH, STATX_BASIC_STATS, facts));
      return factsOf(new DataView(facts.buffer));
    },
    chmod: (descriptor, mode) => void check(libc.fchmod(descriptor, mode)),
    read: (descriptor, bytes) => check(libc.read(descriptor, bytes, BigInt(bytes.byteLength))),
    write: (descriptor, bytes) => check(libc.write(descriptor, bytes, BigInt(bytes.byteLength))),
    sync: (descriptor) => void check(libc.fsync(descriptor)),
    close: (descriptor) => void check(libc.close(descriptor)),
    link: ({ descriptor }, from, to) =>
      void check(libc.linkat(descriptor, text(from), descriptor, text(to), 0)),
    rename: ({ descriptor }, from, to) =>
      void check(libc.renameat(descriptor, text(from), descriptor, text(to))),
    unlink: ({ descriptor }, name) => void check(libc.unlinkat(descriptor, text(name), 0)),
    list: ({ path }: Directory) => readdirSync(path),
  };
}

function openLibc(ffi: Ffi): Symbols<typeof SIGNATURES> {
  const names = ffi.platform === "linux" ? LIBRARIES : [];
  let reason = `there are none for ${ffi.platform}`;
  for (const name of names) {
    try {
      return ffi.open(name, SIGNATURES);
    } catch (error) {
      reason = error instanceof Error ? error.message : "the C library does not open";
    }
  }
  throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open key files: ${reason}`);
}

/** A call that failed. The number is the one of Linux, the same on all but ancient architectures. */
class CallError extends Error {
  readonly code: string;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.code = NAMES[errno] ?? `errno ${errno}`;
  }
}

function text(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${path}\0`);
}

/** `struct statx` (statx(2)), which is the same on every architecture. */
function factsOf(view: DataView): FileFacts {
  const word = (at: number): number => view.getUint32(at, true);
  const long = (at: number): bigint => view.getBigUint64(at, true);
  const mode = view.getUint16(28, true);
  const format = mode & S_IFMT;
  return {
    kind: format === S_IFREG ? "file" : format === S_IFDIR ? "directory" : "other",
    mode: mode & 0o7777,
    owner: word(20),
    links: word(16),
    size: Number(long(40)),
    identity: `${word(136)}:${word(140)}:${long(32)}`,
    modified: Number(view.getBigInt64(112, true)) * 1000,
  };
}

const LIBRARIES = ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;
const [S_IFMT, S_IFREG, S_IFDIR] = [0o170000, 0o100000, 0o040000];
const O_WRONLY = 1;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
// The two that arm swaps with others (asm/fcntl.h of arm and arm64).
const ARM: boolean = process.arch === "arm64" || process.arch === "arm";
const O_DIRECTORY: number = ARM ? 0o40000 : 0o200000;
const O_NOFOLLOW: number = ARM ? 0o100000 : 0o400000;

const NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  9: "EBADF",
  12: "ENOMEM",
  13: "EACCES",
  17: "EEXIST",
  18: "EXDEV",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  27: "EFBIG",
  28: "ENOSPC",
  30: "EROFS",
  31: "EMLINK",
  36: "ENAMETOOLONG",
  40: "ELOOP",
  95: "EOPNOTSUPP",
  122: "EDQUOT",
};
