import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { NotPossibleError } from "./command_line/usage_error.ts";

/**
 * Opens a file that was named on the command line. A directory opens too, and would fail without its name once it is read.
 *
 * @returns a descriptor, the caller's to close
 */
export function openNamed(path: string): number {
  const descriptor = openSync(path, constants.O_RDONLY);
  if (!fstatSync(descriptor).isDirectory()) return descriptor;
  closeSync(descriptor);
  throw new NotPossibleError(`${JSON.stringify(path)} is a directory; give a file`);
}

/** All of such a file, which holds no secret. */
export function readNamed(path: string): Buffer {
  const descriptor = openNamed(path);
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
