import type { LetheErrorCode } from "../../core/mod.ts";
import { NO_DESCRIPTORS } from "../../system/no_descriptors.ts";

/** What an errno means for a key file: code, reason and remedy. */
export type Reasons = Readonly<Record<string, readonly [LetheErrorCode, string]>>;

/** Of an errno that no table has: the message carries it. */
export const UNKNOWN = [
  "ERR_LETHE_KEY_IO",
  "a system call failed; look its error up in the system's manual",
] as const;

/** Of the key file itself. */
export const REASONS: Reasons = {
  ENOENT: ["ERR_LETHE_KEY_MISSING", "there is none; create it, or correct the path"],
  ENOTDIR: ["ERR_LETHE_KEY_MISSING", "a folder of its path is a file; correct the path"],
  ENAMETOOLONG: ["ERR_LETHE_KEY_MISSING", "its name is too long; use a shorter one"],
  EEXIST: ["ERR_LETHE_KEY_EXISTS", "there is one; remove it, or rotate it"],
  ELOOP: [
    "ERR_LETHE_KEY_IRREGULAR",
    "it is a symbolic link, which anyone could point elsewhere; give the path of the file itself",
  ],
  EISDIR: ["ERR_LETHE_KEY_IRREGULAR", "it is a directory; give the path of a file"],
  ENXIO: ["ERR_LETHE_KEY_IRREGULAR", "it is a socket or a device; give the path of a file"],
  ENODEV: ["ERR_LETHE_KEY_IRREGULAR", "it is a device; give the path of a file"],
  EACCES: [
    "ERR_LETHE_KEY_DENIED",
    "this user has no permission; run as the owner, or check the modes of the file and its folders",
  ],
  EPERM: [
    "ERR_LETHE_KEY_DENIED",
    "the system does not permit it; check the owner, immutable flags (lsattr), security modules and filters of system calls",
  ],
  ERR_ACCESS_DENIED: [
    "ERR_LETHE_KEY_DENIED",
    "Node's permission model does not allow it; grant --allow-fs-read for its directory, and make or change key files in a process without --permission, which has fsync(2)",
  ],
  EBADF: [
    "ERR_LETHE_KEY_MISSING",
    "this process has no such descriptor; have the file opened for it (3<FILE)",
  ],
  EROFS: [
    "ERR_LETHE_KEY_IO",
    "the file system is read-only; mount it writable, or use another place",
  ],
  ENOSPC: ["ERR_LETHE_KEY_IO", "the disk is full; free some space and try again"],
  EDQUOT: ["ERR_LETHE_KEY_IO", "the quota is used up; free some space and try again"],
  EFBIG: ["ERR_LETHE_KEY_IO", "the limit of file sizes is reached; raise it with ulimit -f"],
  EMFILE: ["ERR_LETHE_KEY_IO", NO_DESCRIPTORS.EMFILE],
  ENFILE: ["ERR_LETHE_KEY_IO", NO_DESCRIPTORS.ENFILE],
  ENOMEM: ["ERR_LETHE_KEY_IO", "the kernel has no memory left; free some and try again"],
  EIO: ["ERR_LETHE_KEY_IO", "the device failed; check the disk"],
  ESTALE: ["ERR_LETHE_KEY_IO", "another host changed or removed it; try again"],
};

/** Of opening the directory that holds it. */
export const DIRECTORY_REASONS: Reasons = {
  ENOENT: [
    "ERR_LETHE_KEY_MISSING",
    "its directory does not exist; make it with mkdir -m 700, or correct the path",
  ],
  ENAMETOOLONG: ["ERR_LETHE_KEY_MISSING", "its path is too long; use a shorter one"],
  ELOOP: [
    "ERR_LETHE_KEY_MISSING",
    "the symbolic links of its directory lead in a circle; correct them, or the path",
  ],
  EACCES: [
    "ERR_LETHE_KEY_DENIED",
    "this user may not open its directory; run as the owner of the directory, or check its mode and those of the folders above",
  ],
};

/** Of a temporary, or of a second name, in a directory that was opened. */
export const TEMPORARY_REASONS: Reasons = {
  ENOENT: [
    "ERR_LETHE_KEY_CHANGED",
    "its directory, or the file under way, was removed by another program, or its file system takes no new files (as /proc); make the directory again, or use another place",
  ],
  ENAMETOOLONG: [
    "ERR_LETHE_KEY_MISSING",
    "its name leaves no room for a second name beside it; use one of at most 226 bytes",
  ],
  EACCES: [
    "ERR_LETHE_KEY_DENIED",
    "this user may not write to its directory; run as the owner of the directory, or use one of this user",
  ],
};
