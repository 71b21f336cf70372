import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { checkBytes, lengthOf, publicBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import { adopting, born, checkSecret, type Message } from "../crypto/lend.ts";
import { LONGEST_FILE } from "./algorithms.ts";
import type { View } from "./bytes.ts";
import { contextOf } from "./context.ts";
import type { MostKeyCost, ParseKeyOptions, PrivateKey } from "./key.ts";
import type { Bounds } from "./pbes2.ts";
import { parseForm, type Reading } from "./private_forms.ts";
import { wrongFormat } from "./refusal.ts";

/**
 * Reads a private key, in secret memory from the first byte to the last: PKCS#8 and SEC 1 and PKCS#1, in DER
 * or PEM, plain or (PKCS#8) encrypted; OpenSSH's own form; JWK; raw bytes. The form is recognised, raw
 * bytes apart. Algorithms: Ed25519, X25519, EC on P-256, P-384 and P-521, RSA of 1024 to 16,384 bits.
 *
 * - PARSE-1: no string is made, and the private bytes lie in secret memory alone
 * - PARSE-2: no branch and no look-up tells the private bytes; their length, and what the file has around them,
 *   do. Derivations by bcrypt and scrypt read their tables at places that follow from the passphrase, as
 *   these algorithms have it
 * - PARSE-3: what the file says of the public key is checked against the private one
 * - PARSE-4: no file takes more time or memory than `mostCost` says; it may have 65,536 bytes
 * - PARSE-5: it reads the keys that `ssh-keygen`, OpenSSL, Node and WebCrypto write
 *
 * @param source the file's bytes. A `Uint8Array` is wiped when the key was read, and untouched on an
 * error; take it from {@link offHeapBytes}. A secret, also one of another library, stays yours
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for what is not a private key, is several, or is plain though a
 * passphrase was given; `ERR_LETHE_KEY_PASSPHRASE` for a missing or wrong passphrase;
 * `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_KEY_INVALID` for a key that contradicts itself;
 * `ERR_LETHE_KEY_COST`; `ERR_LETHE_UNSUPPORTED` for other algorithms; `ERR_LETHE_UNAVAILABLE` without an
 * engine, which Ed25519 and X25519 need; and what the memory throws
 *
 * @example
 * ```ts
 * import { closeSync, fstatSync, openSync, readSync } from "node:fs";
 * import { offHeapBytes, openSecrets } from "lethe";
 * import { openCrypto } from "lethe/crypto";
 * import { parseKey } from "lethe/keys";
 *
 * const secrets = openSecrets();
 * const file = openSync("id_ed25519", "r");
 * const bytes = offHeapBytes(fstatSync(file).size);
 * readSync(file, bytes);
 * closeSync(file);
 * const key = parseKey(secrets, bytes); // `bytes` is zero now
 * openCrypto(secrets).sign(key.secretKey, new TextEncoder().encode("message")); // an Ed25519 key
 * key.secretKey.destroy();
 * ```
 */
export function parseKey(
  secrets: Secrets,
  source: SecretInput,
  options?: ParseKeyOptions,
): PrivateKey {
  const context = contextOf(secrets, VERB);
  const own = readOptions(options, VERB, ["passphrase", "raw", "keyId", "mostCost"]);
  return adopting(secrets, [source, own.passphrase], (source, passphrase) =>
    parseOwn({ ...context, ...checkOptions(own, passphrase) }, source),
  );
}

const VERB = "parse key";

function parseOwn(reading: Reading, source: Message): PrivateKey {
  const { secrets } = reading;
  if (isSecretBuffer(source)) {
    checkLength(source.byteLength);
    return source.expose((bytes) => parseForm(reading, bytes as View));
  }
  checkBytes(source, VERB, "source");
  checkLength(lengthOf(source));
  const text = born(secrets, lengthOf(source), (bytes) => bytes.set(source));
  let key: PrivateKey;
  try {
    key = text.expose((bytes) => parseForm(reading, bytes as View));
  } finally {
    text.destroy();
  }
  if (wipeBytes(source)) return key;
  key.secretKey.destroy();
  throw new LetheError(
    "ERR_LETHE_WIPE",
    "Cannot wipe the source of a key: a byte did not read back as zero",
  );
}

function checkLength(byteLength: number): void {
  if (byteLength <= LONGEST_FILE) return;
  throw wrongFormat(
    `it has ${byteLength} bytes, and no key takes more than ${LONGEST_FILE}; correct the path, or take the key out of the file`,
  );
}

function checkOptions(
  { raw, keyId, mostCost }: Readonly<Partial<ParseKeyOptions>>,
  passphrase: SecretBuffer | undefined,
): Pick<Reading, "passphrase" | "raw" | "keyId" | "bounds"> {
  if (passphrase !== undefined) checkSecret(passphrase, VERB, "passphrase", 1, LONGEST_FILE);
  if (raw !== undefined && raw !== "ed25519" && raw !== "x25519") {
    throw wrongType(`Cannot ${VERB} as raw must be "ed25519" or "x25519"`);
  }
  if (raw !== undefined && passphrase !== undefined) {
    throw wrongType(`Cannot ${VERB} as raw bytes are never encrypted: leave out passphrase`);
  }
  return {
    passphrase,
    raw,
    keyId: keyId === undefined ? undefined : publicBytes(keyId, VERB, "keyId"),
    bounds: boundsOf(mostCost),
  };
}

const DEFAULTS: Bounds = {
  pbkdf2Iterations: 2_000_000,
  scryptMemoryBytes: 256 * 1024 * 1024,
  bcryptRounds: 256,
};

/** The bounds of the option, each with its default. */
export function boundsOf(given: MostKeyCost | undefined): Bounds {
  const read = readOptions(
    given,
    VERB,
    ["pbkdf2Iterations", "scryptMemoryBytes", "bcryptRounds"],
    "mostCost",
  );
  const bounds: Bounds = { ...DEFAULTS, ...read };
  for (const [name, value] of Object.entries(bounds)) {
    checkInteger(value, VERB, `mostCost.${name}`, 1, 2 ** 31 - 1);
  }
  if (bounds.scryptMemoryBytes < 1024) {
    throw outOfRange(`Cannot ${VERB} as mostCost.scryptMemoryBytes must be at least 1024`);
  }
  return bounds;
}
