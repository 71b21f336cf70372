import { readFileSync } from "node:fs";
import { UsageError } from "./usage_error.ts";

/**
 * Node decodes the command line as UTF-8, and puts U+FFFD in the place of what is not: a path would name another file, and a
 * command would get other parameters. Where the kernel shows the bytes (Linux with /proc), such a line is refused.
 *
 * @throws {UsageError}
 */
export function refuseAltered(parameters: readonly string[]): void {
  if (!parameters.some((parameter) => parameter.includes("\ufffd"))) return;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync("/proc/self/cmdline");
  } catch {
    return;
  }
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(
      "a parameter is not UTF-8, and Node.js would read another one in its place; rename the file",
    );
  }
}
