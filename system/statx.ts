/** What statx(2) takes and gives: Linux 4.11, glibc 2.28, musl 1.2.5. */

/** The C function. */
export const STATX_CALL = {
  statx: { parameters: ["i32", "bytes", "i32", "i32", "bytes"], result: "i32" },
} as const;

/** The folder of a path that begins at none: the current one. */
export const AT_FDCWD = -100;
export const STATX_BASIC_STATS = 0x7ff;
/** The size of `struct statx`. */
export const STATX_BYTES = 256;
/** Of a mode, the bits that say which kind of file it is: inode(7). */
export const S_IFMT = 0o170000;

/** Where the fields of `struct statx` are, on every architecture. */
export const STATX: Readonly<Record<StatxField, number>> = {
  stx_nlink: 16,
  stx_uid: 20,
  stx_gid: 24,
  stx_mode: 28,
  stx_ino: 32,
  stx_size: 40,
  stx_mtime: 112,
  stx_dev_major: 136,
  stx_dev_minor: 140,
};

export type StatxField =
  | `stx_${"nlink" | "uid" | "gid" | "mode" | "ino" | "size" | "mtime"}`
  | `stx_dev_${"major" | "minor"}`;
