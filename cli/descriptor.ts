import { fstatSync } from "node:fs";
import { callerDescriptors } from "./caller_descriptors.ts";
import type { Command } from "./command_line/command.ts";
import type { Given } from "./command_line/given.ts";
import { NotPossibleError, UsageError } from "./command_line/usage_error.ts";

/** @throws {UsageError} for an option whose value is not a number of a descriptor */
export function descriptorOf(given: Given, option: string): number | undefined {
  const value = given.value(option);
  if (value === undefined) return undefined;
  if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${option} must be a whole number`);
  return Number(value);
}

/**
 * Checks every option that names a descriptor, before anything is asked or read.
 *
 * @throws {NotPossibleError}
 */
export function checkDescriptors({ options }: Pick<Command, "options">, given: Given): void {
  for (const { name, value } of given.options) {
    const way = options[name]?.descriptor;
    if (way === undefined || !/^\d{1,9}$/.test(value ?? "")) continue;
    checkOpen(name, Number(value), way);
  }
}

/**
 * Refuses a number behind which the caller has opened nothing. Node itself has descriptors from 3 on:
 * to read one of those would wait for ever.
 *
 * @throws {NotPossibleError}
 */
export function checkOpen(option: string, descriptor: number, way: "read" | "written"): void {
  if (isOpen(descriptor)) return;
  throw new NotPossibleError(
    `--${option} ${descriptor} is not open; open it with ${descriptor}${way === "read" ? "<" : ">"}FILE`,
  );
}

function isOpen(descriptor: number): boolean {
  const callers = descriptor < 3 ? null : callerDescriptors();
  if (callers !== null) return callers.some(({ number }) => number === descriptor);
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}
