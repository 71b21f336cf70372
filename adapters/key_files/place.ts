import { basename, dirname } from "node:path";
import { wrongType } from "../../core/argument_error.ts";
import type { Directory, FileFacts } from "./file_calls.ts";
import type { Task } from "./task.ts";

/** Where a key file is: an open, checked directory, and a name in it. */
export interface Place {
  readonly directory: Directory;
  readonly name: string;
}

/**
 * Opens the directory of `path`, checks it on the descriptor, and closes it after `use`. Everything in
 * between goes through that descriptor (on macOS and Windows through the path), so that a directory
 * put in its place meanwhile is not worked on.
 *
 * The directories above it are not checked: who can rename one of them can lead a path elsewhere, but
 * only to a directory that passes the same checks.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_DIRECTORY`, or why it cannot be opened
 */
export function withPlace<T>(
  task: Task,
  path: string,
  purpose: "lookup" | "change",
  use: (place: Place) => T,
): T {
  const directory = task.do((calls) => calls.openDirectory(dirname(path), purpose));
  try {
    checkDirectory(task, directory);
    return use({ directory, name: basename(path) });
  } finally {
    task.try((calls) => calls.close(directory.descriptor));
  }
}

function checkDirectory(task: Task, directory: Directory): void {
  const { access } = task.calls;
  const { owner, mode } = task.do((calls) => calls.stat(directory.descriptor));
  if (access !== "checked") return;
  if (owner !== 0 && owner !== task.calls.user()) {
    task.refuse(
      "ERR_LETHE_KEY_DIRECTORY",
      "its directory belongs to another user, who can put another file there; keep keys in a directory of this user or of root",
    );
  }
  // Also with the sticky bit: others could still take the name first, or fill the directory.
  if ((mode & OTHERS_WRITE) !== 0) {
    task.refuse(
      "ERR_LETHE_KEY_DIRECTORY",
      `its directory has mode ${octal(mode)}, so that others can put files there; chmod go-w it`,
    );
  }
}

/**
 * Refuses what is no key file of this user, by what fstat(2) says of the open descriptor. POSIX access
 * control lists show in the group bits of the mode; those of macOS, NFSv4 and Windows are not seen.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_IRREGULAR`, `ERR_LETHE_KEY_OWNER`, `ERR_LETHE_KEY_MODE`
 */
export function checkFile(task: Task, descriptor: number): FileFacts {
  const { access } = task.calls;
  const facts = task.do((calls) => calls.stat(descriptor));
  if (facts.kind !== "file") {
    const what = facts.kind === "directory" ? "a directory" : "a FIFO, a socket or a device";
    task.refuse("ERR_LETHE_KEY_IRREGULAR", `it is ${what}; give the path of a regular file`);
  }
  if (access !== "checked") return facts;
  if (facts.owner !== task.calls.user()) {
    task.refuse(
      "ERR_LETHE_KEY_OWNER",
      `it belongs to user ${facts.owner}, who can read and change it; chown it, or run as that user`,
    );
  }
  if (facts.mode !== MODE && facts.mode !== 0o600) {
    const others = (facts.mode & OTHERS) !== 0;
    task.refuse(
      "ERR_LETHE_KEY_MODE",
      others
        ? `its mode is ${octal(facts.mode)}, so that others may have read it; replace the key, or chmod it to 0400 when nobody can have`
        : `its mode is ${octal(facts.mode)}, which no key file has; chmod it to 0400`,
    );
  }
  return facts;
}

/**
 * @throws {TypeError} unless `path` is text that names a file: not empty, no NUL, no lone surrogate
 * (no bytes stand for one), its last component neither `.` nor `..` and not followed by a slash
 */
export function checkPath(path: unknown, verb: string): asserts path is string {
  const cannot = `Cannot ${verb} key file as path must`;
  if (typeof path !== "string") throw wrongType(`${cannot} be a string`);
  const last = /[^/]*$/.exec(path)?.[0] ?? "";
  if (last === "" || last === "." || last === "..") throw wrongType(`${cannot} name a file`);
  if (path.includes("\0") || !path.isWellFormed()) {
    throw wrongType(`${cannot} hold neither NUL nor half a character`);
  }
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

/** The mode that every key file is made with. */
export const MODE = 0o400;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;
