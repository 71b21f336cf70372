import { outOfRange } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { Argon2idOptions } from "./crypto.ts";

/** @throws {TypeError | RangeError} unless it is a cost that every engine takes */
export function checkCost(options: Argon2idOptions): Required<Argon2idOptions> {
  const {
    passes,
    memoryBytes,
    byteLength = 32,
  } = readOptions(options, "hash password", ["passes", "memoryBytes", "byteLength"]);
  checkInteger(passes, "hash password", "passes", 1, 2 ** 32 - 1);
  checkInteger(memoryBytes, "hash password", "memoryBytes", 8192, 2 ** 31 - 1024);
  checkInteger(byteLength, "hash password", "byteLength", 16, 1024);
  if (memoryBytes % 1024 !== 0) {
    throw outOfRange(
      `Cannot hash password as memoryBytes must be a multiple of 1024: current value is ${memoryBytes}`,
    );
  }
  return { passes, memoryBytes, byteLength };
}
