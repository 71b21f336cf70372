import { readdirSync } from "node:fs";
import { type Ffi, softLimit } from "../../memories/pages/mod.ts";
import { process, TextDecoder } from "../../system/node_builtins.ts";
import {
  AT_FDCWD,
  S_IFMT,
  STATX,
  STATX_BASIC_STATS,
  STATX_BYTES,
  STATX_CALL,
  type StatxField,
} from "../../system/statx.ts";
import { terminated as text } from "../../system/terminated.ts";
import type { FileCalls, FileFacts } from "./file_calls.ts";
import { CallError, checked, openLibc } from "./libc.ts";
import { nativeCalls } from "./native_calls.ts";

const SIGNATURES = {
  __errno_location: { parameters: [], result: "usize" },
  geteuid: { parameters: [], result: "i32" },
  getegid: { parameters: [], result: "i32" },
  getgroups: { parameters: ["i32", "bytes"], result: "i32" },
  // Variadic in C; on Linux integers are passed to it as to any other function.
  openat: { parameters: ["i32", "bytes", "i32", "i32"], result: "i32" },
  ...STATX_CALL,
  fchmod: { parameters: ["i32", "i32"], result: "i32" },
  fchmodat: { parameters: ["i32", "bytes", "i32", "i32"], result: "i32" },
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  pread: { parameters: ["i32", "bytes", "usize", "isize"], result: "isize" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  lseek: { parameters: ["i32", "isize", "i32"], result: "isize" },
  getrlimit: { parameters: ["i32", "bytes"], result: "i32" },
  fsync: { parameters: ["i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  linkat: { parameters: ["i32", "bytes", "i32", "bytes", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "bytes", "i32", "bytes"], result: "i32" },
  unlinkat: { parameters: ["i32", "bytes", "i32"], result: "i32" },
  mkdirat: { parameters: ["i32", "bytes", "i32"], result: "i32" },
  readlinkat: { parameters: ["i32", "bytes", "bytes", "usize"], result: "isize" },
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
  const libc = openLibc(ffi, SIGNATURES);
  const check = checked(ffi, libc.__errno_location());
  const open = (at: number, path: string, flags: number, mode = 0): number =>
    check(libc.openat(at, text(path), flags | O_CLOEXEC, mode));
  const stat = (at: number, path: string, flags: number): FileFacts => {
    const facts = new Uint8Array(new ArrayBuffer(STATX_BYTES));
    check(libc.statx(at, text(path), flags, STATX_BASIC_STATS, facts));
    return factsOf(new DataView(facts.buffer));
  };
  const readLink = (at: number, path: string): string => {
    const target = new Uint8Array(new ArrayBuffer(LONGEST_PATH));
    const length = check(libc.readlinkat(at, text(path), target, BigInt(LONGEST_PATH)));
    return new TextDecoder().decode(new Uint8Array(target.buffer, 0, length));
  };
  return {
    ...nativeCalls(ffi),
    access: "checked",
    user: () => libc.geteuid() >>> 0,
    groups() {
      const list = new Uint32Array(new ArrayBuffer(4 * MOST_GROUPS));
      const count = check(libc.getgroups(MOST_GROUPS, new Uint8Array(list.buffer)));
      return [libc.getegid() >>> 0, ...list.subarray(0, count)];
    },
    openDirectory(path, purpose) {
      authorize(path, purpose);
      const flags = O_DIRECTORY | (purpose === "lookup" ? O_PATH : 0);
      return { descriptor: open(AT_FDCWD, path, flags), path };
    },
    openFolder: ({ descriptor, path }, name) => ({
      descriptor: open(descriptor, name, O_DIRECTORY | O_PATH | O_NOFOLLOW),
      path: `${path}/${name}`,
    }),
    openFile: ({ descriptor }, name) => open(descriptor, name, O_NOFOLLOW | O_NONBLOCK | O_NOCTTY),
    createFile: ({ descriptor }, name) =>
      open(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o400),
    openLock: ({ descriptor }, name) =>
      open(descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600),
    stat: (descriptor) => stat(descriptor, "", AT_EMPTY_PATH),
    statName: ({ descriptor }, name) => stat(descriptor, name, AT_SYMLINK_NOFOLLOW),
    chmod: (descriptor, mode) => void check(libc.fchmod(descriptor, mode)),
    read: (descriptor, bytes, from) =>
      check(libc.pread(descriptor, bytes, BigInt(bytes.byteLength), BigInt(from))),
    write(descriptor, bytes) {
      // Above the limit the kernel sends SIGXFSZ, which ends Deno without a word.
      const end = check(libc.lseek(descriptor, 0n, SEEK_CUR)) + bytes.byteLength;
      if (end > (softLimit(libc, RLIMIT_FSIZE) ?? Infinity)) throw new CallError(EFBIG);
      return check(libc.write(descriptor, bytes, BigInt(bytes.byteLength)));
    },
    sync: (descriptor) => void check(libc.fsync(descriptor)),
    close: (descriptor) => void check(libc.close(descriptor)),
    link: ({ descriptor }, from, to) =>
      void check(libc.linkat(descriptor, text(from), descriptor, text(to), 0)),
    rename: ({ descriptor }, from, to) =>
      void check(libc.renameat(descriptor, text(from), descriptor, text(to))),
    unlink: ({ descriptor }, name) => void check(libc.unlinkat(descriptor, text(name), 0)),
    list: ({ path }, folder) => readdirSync(folder === undefined ? path : `${path}/${folder}`),
    makeDirectory({ descriptor }, name) {
      check(libc.mkdirat(descriptor, text(name), 0o700));
      check(libc.fchmodat(descriptor, text(name), 0o700, 0)); // whatever the umask
    },
    removeDirectory: ({ descriptor }, name) =>
      void check(libc.unlinkat(descriptor, text(name), AT_REMOVEDIR)),
    readLink: ({ descriptor }, name) => readLink(descriptor, name),
    readSystemLink: (path) => readLink(AT_FDCWD, path),
    readSystemText(path) {
      const descriptor = open(AT_FDCWD, path, 0);
      try {
        return readText((bytes) => check(libc.read(descriptor, bytes, BigInt(bytes.length))));
      } finally {
        libc.close(descriptor);
      }
    },
    inherited(descriptor) {
      authorize(`/dev/fd/${descriptor}`, "lookup");
      return descriptor;
    },
  };
}

/** The kernel gives such files in pieces, as large as it likes. */
function readText(read: (bytes: Uint8Array<ArrayBuffer>) => number): string {
  const decoder = new TextDecoder();
  const piece = new Uint8Array(new ArrayBuffer(65_536));
  for (let all = ""; ; ) {
    const length = read(piece);
    if (length === 0) return all;
    all += decoder.decode(new Uint8Array(piece.buffer, 0, length), { stream: true });
  }
}

function factsOf(view: DataView): FileFacts {
  const word = (field: StatxField): number => view.getUint32(STATX[field], true);
  const long = (field: StatxField): bigint => view.getBigUint64(STATX[field], true);
  const mode = view.getUint16(STATX.stx_mode, true);
  return {
    kind: KINDS.get(mode & S_IFMT) ?? "other",
    mode: mode & 0o7777,
    owner: word("stx_uid"),
    group: word("stx_gid"),
    links: word("stx_nlink"),
    size: Number(long("stx_size")),
    identity: `${word("stx_dev_major")}:${word("stx_dev_minor")}:${long("stx_ino")}`,
    modified: Number(view.getBigInt64(STATX.stx_mtime, true)) * 1000,
  };
}

const KINDS: ReadonlyMap<number, FileFacts["kind"]> = new Map([
  [0o100000, "file"],
  [0o040000, "directory"],
  [0o120000, "link"],
]);
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_REMOVEDIR = 0x200;
/** NGROUPS_MAX of Linux. */
const MOST_GROUPS = 65_536;
/** PATH_MAX of Linux. */
const LONGEST_PATH = 4096;
const SEEK_CUR = 1;
const RLIMIT_FSIZE = 1;
const EFBIG = 27;
const O_WRONLY = 1;
const O_RDWR = 2;
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
