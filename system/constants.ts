import { bare } from "../core/arguments/own.ts";

/** Numbers of the C headers, which differ by system. */
export interface Constants {
  readonly PROT_NONE: number;
  readonly PROT_READ: number;
  readonly PROT_WRITE: number;
  readonly MAP_SHARED: number;
  readonly MAP_PRIVATE: number;
  readonly MAP_FIXED: number;
  readonly MAP_ANONYMOUS: number;
  readonly RLIMIT_MEMLOCK: number;
  readonly RLIMIT_AS: number;
  readonly RLIMIT_DATA: number;
  readonly RLIMIT_FSIZE: number;
  readonly SC_PAGESIZE: number;
}

/** x86-64, arm64 and riscv64, which agree on all of these. */
export const LINUX: Constants = {
  PROT_NONE: 0,
  PROT_READ: 1,
  PROT_WRITE: 2,
  MAP_SHARED: 0x01,
  MAP_PRIVATE: 0x02,
  MAP_FIXED: 0x10,
  MAP_ANONYMOUS: 0x20,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_DATA: 2,
  RLIMIT_FSIZE: 1,
  SC_PAGESIZE: 30,
};

/** From the macOS SDK. Not verified here. */
export const DARWIN: Constants = {
  PROT_NONE: 0,
  PROT_READ: 1,
  PROT_WRITE: 2,
  MAP_SHARED: 0x0001,
  MAP_PRIVATE: 0x0002,
  MAP_FIXED: 0x0010,
  MAP_ANONYMOUS: 0x1000,
  RLIMIT_MEMLOCK: 6,
  RLIMIT_AS: 5,
  RLIMIT_DATA: 2,
  RLIMIT_FSIZE: 1,
  SC_PAGESIZE: 29,
};

export const LINUX_MADV_DONTFORK = 10;
export const LINUX_MADV_DONTDUMP = 16;
export const LINUX_MADV_WIPEONFORK = 18;
export const LINUX_MAP_FIXED_NOREPLACE = 0x100000;
export const LINUX_O_RDONLY = 0;
export const LINUX_O_CLOEXEC = 0o2000000;
export const LINUX_ENOENT = 2;
export const LINUX_EFBIG = 27;
/** The same number on every architecture, like all system calls since 2019. */
export const LINUX_SYS_MEMFD_SECRET = 447;
/** Of prctl(2). */
export const LINUX_PR_GET_SECCOMP = 21;
/** CAP_IPC_LOCK, as a bit of CapEff in /proc/self/status. */
export const LINUX_CAP_IPC_LOCK = 14n;

/** Wipes wired pages when they are unwired. Not verified here. */
export const DARWIN_MADV_ZERO_WIRED_PAGES = 6;
export const DARWIN_ENOSYS = 78;
/** A forked child does not get the pages. Not verified here. */
export const DARWIN_VM_INHERIT_NONE = 2;

/** The errno values that messages name, of Linux; and 35 and 78, which only macOS gives to a call here. */
export const ERRNO_NAMES: Readonly<Record<number, string>> = bare({
  1: "EPERM",
  2: "ENOENT",
  4: "EINTR",
  5: "EIO",
  6: "ENXIO",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  14: "EFAULT",
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
  32: "EPIPE",
  34: "ERANGE",
  35: "EAGAIN",
  36: "ENAMETOOLONG",
  37: "ENOLCK",
  38: "ENOSYS",
  39: "ENOTEMPTY",
  40: "ELOOP",
  61: "ENODATA",
  78: "ENOSYS",
  95: "EOPNOTSUPP",
  116: "ESTALE",
  122: "EDQUOT",
  126: "ENOKEY",
  127: "EKEYEXPIRED",
  128: "EKEYREVOKED",
  129: "EKEYREJECTED",
});
