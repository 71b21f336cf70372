import { wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions, readRecord } from "../../core/arguments/options.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import { adopting, born, checkSecret } from "../crypto/lend.ts";
import { curveOf, LONGEST_FILE } from "./algorithms.ts";
import { type View, within } from "./bytes.ts";
import { checkComment } from "./comment.ts";
import { contextOf, type KeyContext } from "./context.ts";
import { derLength, writeDer } from "./der.ts";
import { checkStated, type Held, holdKey } from "./held_key.ts";
import { formatJwk } from "./jwk.ts";
import type { FormatKeyOptions, KeyType, PrivateKey, WritablePrivateKeyFormat } from "./key.ts";
import type { Material } from "./material.ts";
import { formatOpenSsh, type SshSealing } from "./openssh_format.ts";
import { type Pbes2Sealing, sealPbes2 } from "./pbes2_format.ts";
import { encodePem } from "./pem.ts";
import { parsePkcs1 } from "./pkcs1.ts";
import { pkcs8Of } from "./pkcs8.ts";
import { cannotWrite } from "./refusal.ts";

/**
 * Writes a private key, as the bytes of a new secret: to a file or descriptor they go from inside
 * `expose`, without a copy in between.
 *
 * - FORMAT-1: what {@link parseKey} promises of secret memory, strings and branches holds here too
 * - FORMAT-2: the key is checked as if it were read, and Lethe writes no file that others refuse
 * - FORMAT-3: salts, nonces and the like are fresh each time
 *
 * @param key as {@link parseKey} gives it; `type`, `publicKey` and `secretKey` are used, so that a key
 * pair of {@link SecretCrypto} will do, with its type
 * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for a form that has no such key, `ERR_LETHE_KEY_INVALID`
 * when the halves are not of one key, `ERR_LETHE_UNAVAILABLE` as in {@link parseKey}, and what the memory throws
 * @throws {TypeError | RangeError} for wrong arguments, such as a passphrase for a form without encryption
 *
 * @example
 * ```ts
 * import { closeSync, openSync, writeSync } from "node:fs";
 * import { openSecrets } from "lethe";
 * import { openCrypto } from "lethe/crypto";
 * import { formatKey } from "lethe/keys";
 *
 * const secrets = openSecrets();
 * const pair = openCrypto(secrets).signKeyPair();
 * const text = formatKey(secrets, { type: "ed25519", ...pair }, { format: "openssh" });
 * const file = openSync("new_key", "wx", 0o600);
 * text.expose((bytes) => writeSync(file, bytes)); // from secret memory to the kernel
 * closeSync(file);
 * secrets.purge();
 * ```
 */
export function formatKey(
  secrets: Secrets,
  key: FormattedKey,
  options: FormatKeyOptions,
): SecretBuffer {
  const context = contextOf(secrets, VERB);
  const own = readRecord(key, VERB, "key", ["type", "publicKey", "secretKey"]);
  const chosen = readOptions(options, VERB, OPTIONS);
  return adopting(secrets, [own.secretKey, chosen.passphrase], (secretKey, passphrase) =>
    formatOwn(context, own, secretKey, chosen, passphrase),
  );
}

/** What is used of a key. */
export interface FormattedKey extends Pick<PrivateKey, "type"> {
  /** As {@link PrivateKey} has it. */
  readonly publicKey: Uint8Array;
  /** As {@link PrivateKey} has it; it may be another library's. */
  readonly secretKey: StandardSecretV1;
}

function formatOwn(
  context: KeyContext,
  { type, publicKey }: Readonly<Partial<FormattedKey>>,
  secretKey: SecretBuffer | undefined,
  options: Readonly<Partial<FormatKeyOptions>>,
  passphrase: SecretBuffer | undefined,
): SecretBuffer {
  if (type === undefined || !TYPES.includes(type)) {
    throw wrongType(`Cannot ${VERB} as key.type must be one of ${TYPES.join(", ")}`);
  }
  checkSecret(secretKey, VERB, "key.secretKey", ...lengthsOf(type));
  const stated = publicBytes(publicKey, VERB, "key.publicKey");
  const writing = checkOptions(options, type, passphrase);
  const held = secretKey.expose((bytes) =>
    holdKey(context, materialOf(type, bytes as View, stated)),
  );
  try {
    checkStated(stated, held.publicKey, VERB);
    return held.secretKey.expose((bytes) => write(context, held, bytes as View, writing));
  } finally {
    held.secretKey.destroy();
  }
}

const VERB = "format key";
const TYPES: readonly KeyType[] = ["ed25519", "x25519", "p256", "p384", "p521", "rsa"];
const FORMATS: readonly WritablePrivateKeyFormat[] = [
  "pkcs8",
  "pkcs8-pem",
  "openssh",
  "jwk",
  "seed",
  "seed-with-public",
];

/** The fewest and the most bytes of a secret key. */
function lengthsOf(type: KeyType): readonly [number, number] {
  if (type === "rsa") return [1, LONGEST_FILE];
  const length = type === "ed25519" ? 64 : (curveOf(type)?.byteLength ?? 32);
  return [length, length];
}

function materialOf(type: KeyType, bytes: View, stated: View): Material {
  if (type === "rsa") return parsePkcs1(bytes);
  if (type === "x25519") return { type, seed: bytes, stated };
  if (type !== "ed25519") return { type, scalar: bytes, stated };
  checkStated(within(bytes, 32), stated, VERB); // the half that is in the secret
  return { type, seed: within(bytes, 0, 32), stated };
}

function write(context: KeyContext, held: Held, bytes: View, writing: Writing): SecretBuffer {
  const { secrets } = context;
  const { type, publicKey } = held;
  const { format, comment, pbes2, ssh } = writing;
  const secret = type === "ed25519" ? within(bytes, 0, 32) : bytes;
  switch (format) {
    case "jwk":
      return formatJwk(secrets, type, secret, publicKey, comment);
    case "openssh":
      return formatOpenSsh(secrets, type, bytes, publicKey, comment, ssh);
    case "seed":
      return born(secrets, secret.length, (target) => target.set(secret));
    case "seed-with-public":
      return born(secrets, bytes.length, (target) => target.set(bytes));
    default:
      return writePkcs8(secrets, held, secret, format === "pkcs8-pem", pbes2);
  }
}

function writePkcs8(
  secrets: Secrets,
  { type, publicKey }: Held,
  secret: View,
  pem: boolean,
  sealing: Pbes2Sealing | null,
): SecretBuffer {
  const element = pkcs8Of(type, secret, publicKey);
  const plain = born(secrets, derLength(element), (bytes) => writeDer(element, bytes));
  const made = [plain];
  try {
    if (sealing !== null) {
      made.unshift(plain.expose((bytes) => sealPbes2(secrets, bytes as View, sealing)));
    }
    const label = sealing === null ? "PRIVATE KEY" : "ENCRYPTED PRIVATE KEY";
    const [last] = made as [SecretBuffer];
    if (pem) made.unshift(last.expose((bytes) => encodePem(secrets, bytes as View, label)));
    return made.shift() as SecretBuffer;
  } finally {
    for (const between of made) between.destroy();
  }
}

/** Options, checked against each other and the type. */
interface Writing {
  readonly format: WritablePrivateKeyFormat;
  readonly comment: Uint8Array | null;
  readonly pbes2: Pbes2Sealing | null;
  readonly ssh: SshSealing | null;
}

const OPTIONS = ["format", "passphrase", "derivation", "cipher", "cost", "comment"] as const;

function checkOptions(
  { format, derivation, cipher, cost, comment }: Readonly<Partial<FormatKeyOptions>>,
  type: KeyType,
  passphrase: SecretBuffer | undefined,
): Writing {
  if (format === undefined || !FORMATS.includes(format)) {
    throw wrongType(`Cannot ${VERB} as format must be one of ${FORMATS.join(", ")}`);
  }
  checkType(format, type);
  const isPkcs8 = format === "pkcs8" || format === "pkcs8-pem";
  const isSsh = format === "openssh";
  if (comment !== undefined && !isSsh && format !== "jwk") {
    throw wrongType(`Cannot ${VERB} as ${format} has no room for a comment`);
  }
  const beside = checkComment(comment, VERB);
  if (passphrase === undefined) {
    if (derivation !== undefined || cipher !== undefined || cost !== undefined) {
      throw wrongType(`Cannot ${VERB} as derivation, cipher and cost go with a passphrase`);
    }
    return { format, comment: beside, pbes2: null, ssh: null };
  }
  if (!isPkcs8 && !isSsh) {
    throw wrongType(
      `Cannot ${VERB} as ${format} has no encryption; use pkcs8, pkcs8-pem or openssh, or leave out passphrase`,
    );
  }
  checkSecret(passphrase, VERB, "passphrase", 1, LONGEST_FILE);
  if (isSsh && derivation !== undefined) {
    throw wrongType(`Cannot ${VERB} as openssh has one derivation; leave out derivation`);
  }
  const wanted = cipher ?? (isSsh ? "aes256-ctr" : "aes-256-cbc");
  checkChoice(wanted, "cipher", isSsh ? SSH : AES);
  if (isSsh) {
    checkInteger(cost ?? 24, VERB, "cost", 1, 256);
    const ssh = { passphrase, cipher: wanted, rounds: cost ?? 24 } as SshSealing;
    return { format, comment: beside, pbes2: null, ssh };
  }
  const how = derivation ?? "pbkdf2";
  checkChoice(how, "derivation", DERIVATIONS);
  const pbes2 = { passphrase, cipher: wanted, derivation: how, cost: checkCost(how, cost) };
  return { format, comment: beside, pbes2: pbes2 as Pbes2Sealing, ssh: null };
}

const SSH = ["aes256-ctr", "chacha20-poly1305@openssh.com"];
const AES = ["aes-256-cbc", "aes-128-cbc", "aes-256-gcm"];
const DERIVATIONS = ["pbkdf2", "scrypt"];

function checkChoice(value: unknown, parameter: string, choices: readonly string[]): void {
  if ((choices as readonly unknown[]).includes(value)) return;
  throw wrongType(`Cannot ${VERB} as ${parameter} must be one of ${choices.join(", ")}`);
}

function checkCost(derivation: "pbkdf2" | "scrypt", cost: number | undefined): number {
  if (derivation === "pbkdf2") {
    const iterations = cost ?? 600_000;
    checkInteger(iterations, VERB, "cost", 1000, 2_000_000);
    return iterations;
  }
  const N = cost ?? 16_384;
  checkInteger(N, VERB, "cost", 1024, 262_144);
  if ((N & (N - 1)) !== 0)
    throw wrongType(`Cannot ${VERB} as cost must be a power of 2 for scrypt`);
  return N;
}

function checkType(format: WritablePrivateKeyFormat, type: KeyType): void {
  if (format === "seed" && type !== "ed25519" && type !== "x25519") {
    throw cannotWrite(
      `seed is a form of Ed25519 and X25519 keys, and this is ${type}`,
      "use pkcs8",
    );
  }
  if (format === "seed-with-public" && type !== "ed25519") {
    throw cannotWrite(
      `seed-with-public is a form of Ed25519 keys, and this is ${type}`,
      "use pkcs8",
    );
  }
  if (format === "openssh" && curveOf(type) === undefined && type === "x25519") {
    throw cannotWrite("OpenSSH has no X25519 keys", "use pkcs8-pem");
  }
}
