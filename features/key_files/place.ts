import { basename, dirname } from "node:path";
import { wrongType } from "../../core/arguments/argument_error.ts";
import type { Directory } from "./file_calls.ts";
import { DIRECTORY_REASONS } from "./reasons.ts";
import type { Task } from "./task.ts";
import { checkDirectoryFacts, type Trust } from "./trust.ts";

/** Where a key file is: an open, checked directory, and a name in it. */
export interface Place {
  readonly directory: Directory;
  readonly name: string;
}

/**
 * Opens the directory of `path`, checks it on the descriptor, and closes it after `use`. Everything in
 * between goes through that descriptor (on macOS and Windows through the path), so that a directory
 * that somebody puts in its place is not worked on.
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
  trust: Trust,
  use: (place: Place) => T,
): T {
  const open = (): Directory =>
    task.do((calls) => calls.openDirectory(dirname(path), purpose), DIRECTORY_REASONS);
  return withDirectory(task, open, trust, (directory) => use({ directory, name: basename(path) }));
}

/** Opens a directory, checks it, and closes it after `use`. */
export function withDirectory<T>(
  task: Task,
  open: () => Directory,
  trust: Trust,
  use: (directory: Directory) => T,
): T {
  const directory = open();
  try {
    const facts = task.do((calls) => calls.stat(directory.descriptor));
    checkDirectoryFacts(task, facts, trust);
    return use(directory);
  } finally {
    task.try((calls) => calls.close(directory.descriptor));
  }
}

/**
 * @throws {TypeError} unless `path` is text that names a file: not empty, no NUL, no lone surrogate
 * (no bytes stand for one), its last component neither `.` nor `..`, not followed by a slash and none of
 * the names that Lethe gives itself, and sweeps
 */
export function checkPath(path: unknown, verb: string): asserts path is string {
  const cannot = `Cannot ${verb} key file as path must`;
  if (typeof path !== "string") throw wrongType(`${cannot} be a string`);
  const last = /[^/]*$/.exec(path)?.[0] ?? "";
  if (last === "" || last === "." || last === "..") throw wrongType(`${cannot} name a file`);
  if (OWN_NAMES.test(last)) {
    throw wrongType(
      `${cannot} not begin with .lethe- in its last part: such files are temporary ones and locks of Lethe`,
    );
  }
  if (path.includes("\0") || !path.isWellFormed()) {
    throw wrongType(`${cannot} contain no NUL and no lone surrogate`);
  }
}

/** Also as a file system has them that does not tell small letters from capital ones. */
const OWN_NAMES = /^\.lethe-/i;

/** The mode that every key file is made with. */
export const MODE = 0o400;
