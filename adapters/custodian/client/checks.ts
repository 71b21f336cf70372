import { kindOf } from "../../../core/bytes.ts";
import { isSecretBuffer } from "../../../core/mod.ts";
import { channelError } from "../protocol/channel_error.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_DATA } from "../protocol/limits.ts";
import { checkPolicy, type SecretPolicy } from "../vault/policy.ts";
import type { PasswordCost } from "./custodian.ts";

/** Checks of what the application gives: each throws a `TypeError` or `RangeError` that names it. */

export function naming(name: string): { readonly name: string } {
  return { name: checkText(name, "name") };
}

export function policyFields(policy: SecretPolicy): Fields {
  const { mayLeave, uses, expires } = checkPolicy(policy);
  return {
    mayLeave,
    ...(uses === Infinity ? {} : { uses }),
    ...(expires === Infinity ? {} : { expires }),
  };
}

export function checkText(value: unknown, parameter: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(
    `Cannot ask custodian as ${parameter} must be a string that is not empty: current value is ${kindOf(value)}`,
  );
}

export function checkNumber(value: unknown, parameter: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new TypeError(
    `Cannot ask custodian as ${parameter} must be an integer: current value is ${kindOf(value)}`,
  );
}

export function checkData(value: unknown, parameter: string): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot ask custodian as ${parameter} must be a Uint8Array: current value is ${kindOf(value)}`,
    );
  }
  if (value.length <= MAX_DATA) return value;
  throw new RangeError(`Cannot ask custodian as ${parameter} must have ${MAX_DATA} bytes at most`);
}

export function checkCost({ passes, memoryBytes }: PasswordCost): PasswordCost {
  return {
    passes: checkNumber(passes, "passes"),
    memoryBytes: checkNumber(memoryBytes, "memoryBytes"),
  };
}

export function checkSecret(value: unknown, verb: string, most: number): void {
  if (!isSecretBuffer(value)) {
    throw new TypeError(
      `Cannot ${verb} secret as it must be a SecretBuffer: current value is ${kindOf(value)}`,
    );
  }
  if (value.byteLength <= most) return;
  throw new RangeError(`Cannot ${verb} secret as it must have ${most} bytes at most`);
}

/** Part of an answer that an honest custodian always gives. */
export function got<T>(value: T | undefined): T {
  if (value === undefined) throw channelError("an answer lacks a part");
  return value;
}
