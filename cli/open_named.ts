import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { readToEnd } from "./blocking_io.ts";
import { NotPossibleError } from "./command_line/usage_error.ts";
import { isStandardInput } from "./standard_input.ts";

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

/**
 * All of such a file or of standard input, which holds no secret.
 *
 * @throws {NotPossibleError} for more than `mostBytes`: it may have no end
 */
export function readNamed(path: string, mostBytes: number): Buffer {
  const descriptor = isStandardInput(path) ? 0 : openNamed(path);
  try {
    const bytes = Buffer.alloc(mostBytes + 1);
    const length = readToEnd(descriptor, bytes);
    if (length <= mostBytes) return bytes.subarray(0, length);
    throw new NotPossibleError(`${JSON.stringify(path)} is longer than ${mostBytes} bytes`);
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}
