import { getSystemErrorName } from "node:util";
import { bare } from "../core/arguments/own.ts";

/** A file that the command line names cannot be written, as the system says. */
export class FileError extends Error {
  override readonly name: string = "FileError";
  readonly code: string;

  constructor(path: string, code: string) {
    const reason = REASONS[code];
    super(
      `Cannot write ${JSON.stringify(path)}: ${reason === undefined ? code : `${reason} (${code})`}`,
    );
    this.code = code;
  }
}

/** Thrown where a file is written to that a signal has discarded. That signal decides how the process ends. */
export class DiscardedError extends Error {
  override readonly name: string = "DiscardedError";
}

/** Runs what writes a file: its errors name that file, and not the one that is written in its place. */
export function writing<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const code = systemCodeOf(error);
    throw code === null ? error : new FileError(path, code);
  }
}

/**
 * `ENOENT` and its like; null for what is not an error of the system. Deno leaves out `errno` and `syscall` of some, and of
 * others the code, too.
 */
export function systemCodeOf(error: unknown): string | null {
  const { code, message } = error as NodeJS.ErrnoException;
  if (/^E[A-Z\d]+$/.test(code ?? "")) return String(code);
  const [, number] = /\(os error (\d{1,3})\)$/.exec(String(message)) ?? [];
  return number === undefined ? null : getSystemErrorName(-Number(number));
}

const REASONS: Readonly<Record<string, string>> = bare({
  ENOENT: "its folder is not there; make it, or give another path",
  ENOTDIR: "what should be its folder is none; correct the path",
  EACCES: "this user may not write in its folder; give another path",
  EPERM: "the system does not allow it; give another path",
  EROFS: "its file system is read-only; give a path on another one",
  ENOSPC: "its file system is full; make room, or give a path on another one",
  EDQUOT: "this user's quota is used up; make room, or give a path on another file system",
  EFBIG: "it would be larger than this process or its file system may write; raise ulimit -f",
  ENAMETOOLONG: "its name is too long; give a shorter one",
});
