import { LetheError } from "../../../core/mod.ts";
import { MOST_BYTES, MOST_SECRETS } from "../protocol/limits.ts";
import { quoted } from "../protocol/names.ts";
import type { SecretType } from "./entry.ts";

/** What a vault refuses. */

export function takenName(name: string): LetheError {
  return new LetheError(
    "ERR_LETHE_NAME",
    `Cannot add secret ${quoted(name)}: there is one of that name; delete it first`,
  );
}

export function unknownName(name: string): LetheError {
  return new LetheError(
    "ERR_LETHE_NAME",
    `Cannot use secret ${quoted(name)}: the custodian has none of that name`,
  );
}

export function wrongSecretType(
  name: string,
  type: SecretType,
  types: readonly SecretType[],
): LetheError {
  return new LetheError(
    "ERR_LETHE_NAME",
    `Cannot use secret ${quoted(name)} like this: it is of type ${type}, and that takes ${types.join(" or ")}`,
  );
}

export function refusedByPolicy(name: string, reason: string): LetheError {
  return new LetheError("ERR_LETHE_POLICY", `Cannot use secret ${quoted(name)}: ${reason}`);
}

/** Of a key pair in the secure heap. */
export function onlyOpenSsl(name: string): LetheError {
  return new LetheError(
    "ERR_LETHE_UNSUPPORTED",
    `Cannot use secret ${quoted(name)} like this: it is in the secure heap, where OpenSSL only signs, agrees and decrypts with it; put it into the vault, by leaving out place`,
  );
}

export function fullVault(count: number, byteLength: number): LetheError {
  const held = count < MOST_SECRETS ? `${byteLength} of ${MOST_BYTES} bytes` : MOST_SECRETS;
  return new LetheError(
    "ERR_LETHE_EXHAUSTED",
    `Cannot add secret: the custodian holds ${held}, the most that it takes; delete others first`,
  );
}

export function damaged(name: string): LetheError {
  return new LetheError(
    "ERR_LETHE_CANARY",
    `Cannot use secret ${quoted(name)}: what was sealed does not open; memory was damaged`,
  );
}
