import { outOfRange, wrongKind, wrongType } from "../../../core/arguments/argument_error.ts";
import { publicBytes } from "../../../core/arguments/check_bytes.ts";
import { isSecretBuffer } from "../../../core/mod.ts";
import { channelError } from "../protocol/channel_error.ts";
import type { Fields } from "../protocol/fields.ts";
import { MAX_DATA } from "../protocol/limits.ts";
import { checkName } from "../protocol/names.ts";
import { KEY_PLACES, type KeyPlace } from "../vault/key_pair_types.ts";
import { checkPolicy, type SecretPolicy } from "../vault/policy.ts";

/** Checks of what the application gives: each throws a `TypeError` or `RangeError` that names it. */

export function naming(name: string): { readonly name: string } {
  return { name: checkName(name, "name") };
}

export function policyFields(policy: Readonly<Partial<SecretPolicy>>): Fields {
  const { mayLeave, uses, expires } = checkPolicy(policy);
  return {
    mayLeave,
    ...(uses === Infinity ? {} : { uses }),
    ...(expires === Infinity ? {} : { expires }),
  };
}

/** Of which type of key, and under which policy, the custodian decides. */
export function placeFields({ place }: { readonly place?: KeyPlace }): Fields {
  if (place !== undefined && !KEY_PLACES.includes(place)) {
    throw wrongType(`Cannot add secret as place must be one of ${KEY_PLACES.join(", ")}`);
  }
  return place === undefined ? {} : { place };
}

export function checkText(value: unknown, parameter: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw wrongKind(`Cannot ask custodian as ${parameter} must be a string that is not empty`, value);
}

export function checkNumber(value: unknown, parameter: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw wrongKind(`Cannot ask custodian as ${parameter} must be an integer`, value);
}

export function checkFlag(value: unknown, parameter: string): boolean {
  if (typeof value === "boolean") return value;
  throw wrongKind(`Cannot ask custodian as ${parameter} must be a boolean`, value);
}

/** A copy: a call is sent in a later turn, and until then the caller may use the bytes again. */
export function checkData(value: unknown, parameter: string, most: number = MAX_DATA): Uint8Array {
  const bytes = publicBytes(value, "ask custodian", parameter);
  if (bytes.length <= most) return bytes.slice();
  throw outOfRange(`Cannot ask custodian as ${parameter} must have ${most} bytes at most`);
}

/** A secret that is destroyed already is misuse; one that is destroyed on its way may have been purged, and is none. */
export function checkSecret(value: unknown, verb: string, most: number): void {
  if (!isSecretBuffer(value)) {
    throw wrongKind(`Cannot ${verb} secret as it must be a SecretBuffer`, value);
  }
  if (value.state === "destroyed") value.expose(() => undefined);
  if (value.byteLength <= most) return;
  throw outOfRange(`Cannot ${verb} secret as it must have ${most} bytes at most`);
}

/** Part of an answer that an honest custodian always gives. */
export function got<T>(value: T | undefined): T {
  if (value === undefined) throw channelError("an answer lacks a part");
  return value;
}

/** The bytes of an answer. They were copied out of it, into a buffer that is theirs alone. */
export type OwnBytes = Uint8Array<ArrayBuffer>;

export function ownBytes(data: Uint8Array | undefined): OwnBytes {
  return got(data) as OwnBytes;
}
