import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { MAX_BYTE_LENGTH, offHeapBytes } from "../../core/bytes.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { PASSWORD_SALT_BYTES } from "../../core/contract/sizes.ts";
import { freshOf } from "../../core/fresh.ts";
import { checkCost, readCost } from "./argon2_cost.ts";
import { born, checkSecret, lend } from "./lend.ts";
import type { Argon2idOptions, VerifyPasswordOptions } from "./options.ts";
import {
  checkStoredCost,
  formatPasswordHash,
  MOST_VERIFY_COST,
  PASSWORD_HASH_BYTES,
  parsePasswordHash,
} from "./password_hash.ts";

/** What every engine takes. */
const MOST_COST: Argon2Cost = Object.freeze({ passes: 2 ** 32 - 1, memoryBytes: 2 ** 31 - 1024 });

/** A key from a password. */
export function argon2id(
  engine: CryptoEngine,
  secrets: Secrets,
  password: SecretBuffer,
  salt: Uint8Array,
  options: Argon2idOptions,
): SecretBuffer {
  const verb = "hash password";
  const own = readOptions(options, verb, ["passes", "memoryBytes", "byteLength"]);
  const { passes, memoryBytes } = checkCost(own, verb, MOST_COST);
  const { byteLength = 32 } = own;
  checkInteger(byteLength, verb, "byteLength", 16, 1024);
  checkSecret(password, verb, "password", 1, MAX_BYTE_LENGTH);
  const saltBytes = publicBytes(salt, verb, "salt", PASSWORD_SALT_BYTES);
  return born(secrets, byteLength, (hash) =>
    lend([password], (password) => engine.argon2id(hash, password, saltBytes, passes, memoryBytes)),
  );
}

/** What a database keeps of a password: text, and no secret. */
export function hashPassword(
  engine: CryptoEngine,
  secrets: Secrets,
  password: SecretBuffer,
  cost: Argon2Cost,
): string {
  const verb = "hash password";
  const { passes, memoryBytes } = readCost(cost, verb, "cost", MOST_COST);
  checkSecret(password, verb, "password", 1, MAX_BYTE_LENGTH);
  const salt = offHeapBytes(PASSWORD_SALT_BYTES);
  const hash = offHeapBytes(PASSWORD_HASH_BYTES);
  freshOf(secrets).fill(salt);
  lend([password], (password) => engine.argon2id(hash, password, salt, passes, memoryBytes));
  return formatPasswordHash({ passes, memoryBytes, salt, hash });
}

/** Whether a hash that a database kept is one of this password. */
export function verifyPassword(
  engine: CryptoEngine,
  secrets: Secrets,
  password: SecretBuffer,
  hash: string | Uint8Array,
  options: VerifyPasswordOptions | undefined,
): boolean {
  const verb = "verify password";
  const { mostCost } = readOptions(options, verb, ["mostCost"]);
  const most =
    mostCost === undefined ? MOST_VERIFY_COST : readCost(mostCost, verb, "mostCost", MOST_COST);
  const stored = parsePasswordHash(hash);
  checkStoredCost(stored, most);
  checkSecret(password, verb, "password", 1, MAX_BYTE_LENGTH);
  const { salt, passes, memoryBytes } = stored;
  // Of a password that is wrong it is the hash all the same, which others could try guesses at.
  const found = born(secrets, stored.hash.length, (hash) =>
    lend([password], (password) => engine.argon2id(hash, password, salt, passes, memoryBytes)),
  );
  try {
    return found.equals(stored.hash);
  } finally {
    found.destroy();
  }
}
