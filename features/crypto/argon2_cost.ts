import { outOfRange } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";

/** The least memory of Argon2 with one lane (RFC 9106, section 3.1). */
export const LEAST_MEMORY = 8192;
const MOST_PASSES: number = 2 ** 32 - 1;

/** What Argon2id itself can do, in 32 bits of KiB. */
export const LARGEST_COST: Argon2Cost = Object.freeze({
  passes: MOST_PASSES,
  memoryBytes: 4 * 2 ** 30 - 1024,
});

/**
 * A cost that a caller gave, under a verb and a name for the message.
 *
 * @param most the most memory, and the most work: memory times passes
 * @throws {TypeError | RangeError} unless it is a cost of Argon2id within `most`
 */
export function readCost(
  given: Argon2Cost | undefined,
  verb: string,
  parameter: string,
  most: Argon2Cost,
  leastMemory: number = LEAST_MEMORY,
): Argon2Cost {
  const own = readOptions(given, verb, ["passes", "memoryBytes"], parameter);
  return checkCost(own, verb, most, leastMemory);
}

/** As {@link readCost}, of options that were read already and have more than a cost. */
export function checkCost(
  { passes, memoryBytes }: Readonly<Partial<Argon2Cost>>,
  verb: string,
  most: Argon2Cost,
  leastMemory: number = LEAST_MEMORY,
): Argon2Cost {
  checkInteger(passes, verb, "passes", 1, MOST_PASSES);
  checkInteger(memoryBytes, verb, "memoryBytes", leastMemory, most.memoryBytes);
  if (memoryBytes % 1024 !== 0) {
    throw outOfRange(
      `Cannot ${verb} as memoryBytes must be a multiple of 1024: current value is ${memoryBytes}`,
    );
  }
  const cost = Object.freeze({ passes, memoryBytes });
  if (isWithin(cost, most)) return cost;
  throw outOfRange(
    `Cannot ${verb} as ${passes} passes over ${memoryBytes} bytes are more work than ${most.passes} passes over ${most.memoryBytes} bytes`,
  );
}

/** Whether a cost takes no more memory than `most`, and no more work: memory times passes. */
export function isWithin({ passes, memoryBytes }: Argon2Cost, most: Argon2Cost): boolean {
  return memoryBytes <= most.memoryBytes && passes * memoryBytes <= most.passes * most.memoryBytes;
}
