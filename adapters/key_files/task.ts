import { LetheError, type LetheErrorCode } from "../../core/mod.ts";
import type { FileCalls } from "./file_calls.ts";

/** What an errno means for a key file: code, reason and remedy. */
export type Reasons = Readonly<Record<string, readonly [LetheErrorCode, string]>>;

/**
 * One operation on one key file: its system calls, and its errors, which all name the verb, the path
 * and a remedy. The path is quoted with every control character escaped, so that a message stays one
 * line and cannot steer a terminal.
 */
export class Task {
  readonly calls: FileCalls;
  readonly #verb: string;
  readonly #path: string;

  constructor(calls: FileCalls, verb: string, path: string) {
    this.calls = calls;
    this.#verb = verb;
    this.#path = path;
  }

  /** A message of the form "Cannot VERB key file PATH: reason; remedy". */
  message(reason: string): string {
    return `Cannot ${this.#verb} key file ${quote(this.#path)}: ${reason}`;
  }

  /** @throws {LetheError} always */
  refuse(code: LetheErrorCode, reason: string): never {
    throw new LetheError(code, this.message(reason));
  }

  /**
   * Makes a system call, again while a signal interrupts it.
   *
   * @param special what an errno means here, where that is not what it means elsewhere
   * @throws {LetheError} when it fails
   */
  do<T>(call: (calls: FileCalls) => T, special: Reasons = {}): T {
    for (let attempts = 0; ; attempts++) {
      try {
        return call(this.calls);
      } catch (error) {
        const name = String((error as { code?: unknown } | null)?.code ?? "");
        if (name === "EINTR" && attempts < MOST_ATTEMPTS) continue;
        if (error instanceof LetheError) throw error; // a permission that the runtime did not grant
        const [code, reason] = special[name] ?? REASONS[name] ?? UNKNOWN;
        return this.refuse(code, `${reason} (${name === "" ? "no errno" : name})`);
      }
    }
  }

  /** As {@link Task.do}, for what is worth trying and changes nothing when it fails. */
  try<T>(call: (calls: FileCalls) => T): T | undefined {
    try {
      return this.do(call);
    } catch {
      return undefined;
    }
  }

  /** Opens, uses and closes. What close(2) answers is no matter: Linux closes all the same. */
  using<T>(open: (calls: FileCalls) => number, use: (descriptor: number) => T): T {
    const descriptor = this.do(open);
    try {
      return use(descriptor);
    } finally {
      this.try((calls) => calls.close(descriptor));
    }
  }
}

/** `path` in double quotes, on one line, whatever it holds. */
export function quote(path: string): string {
  return JSON.stringify(path).replace(
    /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** More signals than this during one call are no accident. */
const MOST_ATTEMPTS = 1000;

const UNKNOWN = ["ERR_LETHE_KEY_IO", "the file system failed; check it"] as const;
const REASONS: Reasons = {
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
    "the system does not permit it; check the owner, immutable flags (lsattr) and security modules",
  ],
  ERR_ACCESS_DENIED: [
    "ERR_LETHE_KEY_DENIED",
    "Node's permission model does not allow it; grant --allow-fs-read for its directory, and make or change key files in a process without --permission, which has fsync(2)",
  ],
  EROFS: [
    "ERR_LETHE_KEY_IO",
    "the file system is read-only; mount it writable, or use another place",
  ],
  ENOSPC: ["ERR_LETHE_KEY_IO", "the disk is full; free some space and try again"],
  EDQUOT: ["ERR_LETHE_KEY_IO", "the quota is used up; free some space and try again"],
  EFBIG: ["ERR_LETHE_KEY_IO", "the limit of file sizes is reached; raise it with ulimit -f"],
  EMFILE: ["ERR_LETHE_KEY_IO", "too many files are open; raise the limit with ulimit -n"],
  ENFILE: ["ERR_LETHE_KEY_IO", "the system has too many files open; try again later"],
  EIO: ["ERR_LETHE_KEY_IO", "the device failed; check the disk"],
};
