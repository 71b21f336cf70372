import { outOfRange, wrongKind } from "../../core/arguments/argument_error.ts";
import { isBytes, publicBytes } from "../../core/arguments/check_bytes.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { PASSWORD_SALT_BYTES } from "../../core/contract/sizes.ts";
import { isWithin, LARGEST_COST, LEAST_MEMORY } from "./argon2_cost.ts";

/** A password hash, taken apart. */
export interface PasswordHash extends Argon2Cost {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Bytes of the hashes that are made here. */
export const PASSWORD_HASH_BYTES = 32;
/** Of those that are read. */
const [LEAST_HASH, MOST_HASH] = [16, 64];

/** What a stored hash may cost to verify, unless a caller allows more: 16 passes over 256 MiB. */
export const MOST_VERIFY_COST: Argon2Cost = Object.freeze({ passes: 16, memoryBytes: 2 ** 28 });

/**
 * A password hash as databases hold it, in the PHC string format:
 *
 *     $argon2id$v=19$m=KIBIBYTES,t=PASSES,p=1$SALT$HASH
 *
 * Salt and hash are base64 without padding. It is not a secret: that is what the cost is for.
 */
export function formatPasswordHash({ passes, memoryBytes, salt, hash }: PasswordHash): string {
  return `$argon2id$v=19$m=${memoryBytes / 1024},t=${passes},p=1$${encode(salt)}$${encode(hash)}`;
}

/**
 * Reads what {@link formatPasswordHash} writes, and what other libraries write in its place: any text of
 * that form is the one text for its parts, so that no two differ in more than what they say.
 *
 * @param given text, or its bytes in ASCII
 * @throws {TypeError | RangeError} for what is no such text; the message does not quote it
 * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for another variant of Argon2, another algorithm, more than
 * one lane, or a salt that has not 16 bytes
 */
export function parsePasswordHash(given: unknown): PasswordHash {
  const text = textOf(given);
  const [start, algorithm = "", version, costs = "", salt = "", hash = "", ...more] =
    text.split("$");
  if (start !== "" || !/^[a-z0-9-]{1,32}$/.test(algorithm)) throw malformed();
  if (algorithm !== "argon2id") throw unsupported(`its algorithm is ${algorithm}`);
  if (version !== "v=19") throw unsupported("its version of Argon2 is not 1.3 (v=19)");
  const [, memory = "", passes = "", lanes = ""] = COSTS.exec(costs) ?? [];
  if (lanes === "" || more.length > 0) throw malformed();
  if (lanes !== "1") throw unsupported(`it has ${lanes} lanes`);
  const parsed: PasswordHash = {
    passes: Number(passes),
    memoryBytes: Number(memory) * 1024,
    salt: decode(salt),
    hash: decode(hash),
  };
  const { length } = parsed.salt;
  if (length !== PASSWORD_SALT_BYTES) throw unsupported(`its salt has ${length} bytes`);
  if (parsed.hash.length < LEAST_HASH || parsed.hash.length > MOST_HASH) throw malformed();
  if (parsed.memoryBytes < LEAST_MEMORY || !isWithin(parsed, LARGEST_COST)) throw malformed();
  if (formatPasswordHash(parsed) !== text) throw malformed(); // bits behind the last byte
  return parsed;
}

/**
 * Before anything is allocated for it: who can write into a database must not choose what this machine does.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_COST`
 */
export function checkStoredCost(stored: Argon2Cost, most: Argon2Cost): void {
  if (isWithin(stored, most)) return;
  const { passes, memoryBytes } = stored;
  throw new LetheError(
    "ERR_LETHE_KEY_COST",
    `Cannot verify password: its hash asks for ${passes} passes over ${memoryBytes / 1024} KiB, and at most ${most.passes} over ${most.memoryBytes / 1024} KiB are allowed; if you trust it, raise mostCost`,
  );
}

/** No sign, no leading zero, no more digits than 32 bits take. */
const COSTS = /^m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,7})$/;
/** The longest that says anything: 64 bytes of hash. */
const LONGEST = 256;

function textOf(given: unknown): string {
  if (typeof given === "string") return shortened(given);
  if (!isBytes(given)) {
    throw wrongKind(`Cannot verify password as hash must be a string or a Uint8Array`, given);
  }
  const bytes = publicBytes(given, "verify password", "hash");
  let text = "";
  for (const byte of bytes.length > LONGEST ? [] : bytes) text += String.fromCharCode(byte);
  return shortened(text);
}

function shortened(text: string): string {
  if (text.length > 0 && text.length <= LONGEST) return text;
  throw malformed();
}

/** Base64 without padding (RFC 4648, section 4), of bytes that are not secret. */
function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/=+$/, "");
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9+/]+$/.test(text) || text.length % 4 === 1) throw malformed();
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function malformed(): RangeError {
  return outOfRange(
    "Cannot verify password as hash must be a PHC string: $argon2id$v=19$m=65536,t=3,p=1$SALT$HASH",
  );
}

function unsupported(what: string): LetheError {
  return new LetheError(
    "ERR_LETHE_UNSUPPORTED",
    `Cannot verify password: ${what}, and Lethe has argon2id, version 1.3, with one lane and a salt of 16 bytes; verify it with the library that made it, then hash the password again`,
  );
}

/** What every runtime has. */
declare const atob: (text: string) => string;
declare const btoa: (text: string) => string;
