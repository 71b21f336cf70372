import { LetheError } from "../../core/contract/errors.ts";
import { isZero } from "../../core/is_zero.ts";

/** @throws {LetheError} `ERR_LETHE_KEY_INVALID` for a key of nothing but zeros, which everybody knows */
export function checkNotZero(key: Uint8Array, verb: string, parameter: string): void {
  if (!isZero(key)) return;
  throw invalidKey(verb, `${parameter} holds nothing but zeros; make or restore the key`);
}

/** A point whose shared secret with everyone is zero. */
export function lowOrder(verb: string): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    `Cannot ${verb}: publicKey is a low-order point, which no honest party sends; reject the peer`,
  );
}

export function invalidKey(verb: string, reason: string): LetheError {
  return new LetheError("ERR_LETHE_KEY_INVALID", `Cannot ${verb}: ${reason}`);
}
