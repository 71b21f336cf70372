import { outOfRange, wrongKind } from "./argument_error.ts";

/** @throws {TypeError | RangeError} unless it is an integer in the range */
export function checkInteger(
  value: unknown,
  verb: string,
  parameter: string,
  least: number,
  most: number,
): asserts value is number {
  const cannot = `Cannot ${verb} as ${parameter} must be`;
  if (typeof value !== "number") {
    throw wrongKind(`${cannot} a number`, value);
  }
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw outOfRange(`${cannot} an integer from ${least} to ${most}: current value is ${value}`);
}
