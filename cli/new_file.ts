import { randomBytes } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { writeAll } from "./blocking_io.ts";
import { NotPossibleError } from "./command_line/usage_error.ts";
import { DiscardedError, systemCodeOf, writing } from "./file_error.ts";

/**
 * A file that is being written under another name in the same folder, `.lethe-` and random digits. It gets its own name once
 * it is whole: what has that name is never a part of it.
 */
export interface NewFile {
  write(bytes: Uint8Array): void;
  /** Syncs it and gives it its name, never over another file. */
  finish(): void;
  /** Removes it, unless it is finished. */
  discard(): void;
}

/**
 * Refuses before anything else is done what {@link openNewFile} and `finish` would refuse.
 *
 * @throws {NotPossibleError} when there is something of that name
 * @throws {FileError} when its folder cannot be written
 */
export function checkNewFile(path: string): void {
  if (path === "" || /[/\\]$/.test(path)) {
    throw new NotPossibleError(
      `${JSON.stringify(path)} names a folder; give the path of a new file`,
    );
  }
  const found = writing(path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found !== undefined) throw thereIs(path);
  writing(path, () => accessSync(dirname(path), constants.W_OK | constants.X_OK));
}

/** Of mode 0600 at most. */
export function openNewFile(path: string): NewFile {
  // What stands before the last part is kept as it is: by join(), `link/../out` would begin in another folder.
  const folder = path.slice(0, path.length - basename(path).length);
  const name = `${folder}.lethe-${randomBytes(8).toString("hex")}`;
  const descriptor = writing(path, () => openSync(name, "wx", 0o600));
  let isOpen = true;
  const end = (): void => {
    isOpen = false;
    closeSync(descriptor);
  };
  // Once it is closed, its number may be that of another file.
  const check = (): void => {
    if (!isOpen) throw new DiscardedError();
  };
  return {
    write(bytes) {
      check();
      writing(path, () => writeAll(descriptor, bytes));
    },
    finish() {
      check();
      writing(path, () => {
        fsyncSync(descriptor);
        giveName(name, path);
        end();
        syncFolder(dirname(path));
      });
    },
    discard() {
      if (!isOpen) return;
      end();
      unlinkSync(name);
    },
  };
}

/** By link(2), which replaces nothing; without hard links over an empty file that was made exclusively. */
function giveName(from: string, to: string): void {
  try {
    linkSync(from, to);
    unlinkSync(from);
  } catch (error) {
    const code = systemCodeOf(error) ?? "";
    if (code === "EEXIST") throw thereIs(to);
    if (!NO_LINKS.includes(code)) throw error;
    reserve(to);
    try {
      renameSync(from, to);
    } catch (failure) {
      unlinkSync(to); // the empty file that was made a moment ago
      throw failure;
    }
  }
}

/** What file systems without hard links answer, and security modules that forbid them. */
const NO_LINKS: readonly string[] =
  "EPERM EACCES EOPNOTSUPP ENOTSUP ENOSYS EMLINK EXDEV EINVAL".split(" ");

function reserve(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw thereIs(path);
    throw error;
  }
}

/** So that the name outlasts a crash, too: where the system syncs folders, and this user may read this one. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The file is whole and has its name.
  }
}

function thereIs(path: string): NotPossibleError {
  const what = lstatSync(path, { throwIfNoEntry: false });
  const kind = what?.isDirectory()
    ? "a folder"
    : what?.isSymbolicLink()
      ? "a symbolic link"
      : "a file";
  return new NotPossibleError(
    `there is ${kind} ${JSON.stringify(path)} already; give the path of a new file`,
  );
}
