import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { born } from "../crypto/lend.ts";
import { isSame, type View, within } from "./bytes.ts";
import { CIPHER_ROOM, cbc, type FileCipher, gcm } from "./ciphers.ts";
import { DerReader, INTEGER, NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE } from "./der.ts";
import { AES, HMAC, PBES2, PBKDF2, SCRYPT } from "./pbes2_names.ts";
import type { HashFunction } from "./primitives/hash.ts";
import { pbkdf2, pbkdf2Room } from "./primitives/pbkdf2.ts";
import { type ScryptCost, scrypt, scryptMemory, scryptRoom } from "./primitives/scrypt.ts";
import { SHA1 } from "./primitives/sha1.ts";
import { roundUp, type Workspace, withWorkspace } from "./primitives/workspace.ts";
import { damaged, tooCostly, unsupported, wrongPassphrase } from "./refusal.ts";

/** How a passphrase becomes a key, and what that takes. */
export type Derivation =
  | { readonly name: "pbkdf2"; readonly hash: HashFunction; readonly iterations: number }
  | ({ readonly name: "scrypt" } & ScryptCost);

/** EncryptedPrivateKeyInfo (RFC 5958, section 3) under PBES2 (RFC 8018, section 6.2). */
export interface Pbes2 {
  readonly derivation: Derivation;
  readonly salt: View;
  readonly cipher: FileCipher;
  readonly vector: View;
  readonly encrypted: View;
}

const LONGEST_SALT = 1024;

export function parsePbes2(der: View): Pbes2 {
  const outer = new DerReader(der);
  const reader = outer.enter(SEQUENCE);
  outer.end();
  const algorithm = reader.enter(SEQUENCE);
  if (!isSame(algorithm.read(OBJECT_IDENTIFIER), PBES2)) throw oldEncryption();
  const parameters = algorithm.enter(SEQUENCE);
  algorithm.end();
  const derivation = parseDerivation(parameters.enter(SEQUENCE));
  const scheme = parseScheme(parameters.enter(SEQUENCE));
  parameters.end();
  const encrypted = reader.read(OCTET_STRING);
  reader.end();
  const { keyLength } = derivation;
  if (keyLength !== null && keyLength !== scheme.cipher.keyBytes) throw damaged("its DER");
  return { ...derivation, ...scheme, encrypted };
}

interface ParsedDerivation extends Pick<Pbes2, "derivation" | "salt"> {
  readonly keyLength: number | null;
}

function parseDerivation(reader: DerReader): ParsedDerivation {
  const oid = reader.read(OBJECT_IDENTIFIER);
  const parameters = reader.enter(SEQUENCE);
  reader.end();
  const isPbkdf2 = isSame(oid, PBKDF2);
  if (!isPbkdf2 && !isSame(oid, SCRYPT)) throw oldEncryption();
  const salt = parameters.read(OCTET_STRING);
  if (salt.length > LONGEST_SALT) throw damaged("its salt");
  if (!isPbkdf2) {
    const [N, r, p] = [parameters.small(), parameters.small(), parameters.small()];
    const keyLength = parameters.next === INTEGER ? parameters.small() : null;
    parameters.end();
    return { derivation: { name: "scrypt", N, r, p }, salt, keyLength };
  }
  const iterations = parameters.small();
  const keyLength = parameters.next === INTEGER ? parameters.small() : null;
  const hash = parameters.done ? SHA1 : parseHash(parameters.enter(SEQUENCE));
  parameters.end();
  return { derivation: { name: "pbkdf2", hash, iterations }, salt, keyLength };
}

function parseHash(reader: DerReader): HashFunction {
  const oid = reader.read(OBJECT_IDENTIFIER);
  if (!reader.done && reader.read(NULL).length > 0) throw damaged("its DER");
  reader.end();
  const known = HMAC.find((candidate) => isSame(candidate.oid, oid));
  if (known !== undefined) return known.hash;
  throw unsupported("its PBKDF2 has a hash other than SHA-1, SHA-256 and SHA-512", CONVERT);
}

function parseScheme(reader: DerReader): Pick<Pbes2, "cipher" | "vector"> {
  const oid = reader.read(OBJECT_IDENTIFIER);
  const known = AES.find(({ oid: candidate }) => isSame(candidate, oid));
  if (known === undefined) throw unsupported("its cipher is not AES in CBC or GCM", CONVERT);
  const cipher = known.mode === "cbc" ? cbc(known.bits) : gcm(known.bits);
  if (known.mode === "cbc") {
    const vector = reader.read(OCTET_STRING);
    reader.end();
    if (vector.length !== cipher.vectorBytes) throw damaged("its DER");
    return { cipher, vector };
  }
  const parameters = reader.enter(SEQUENCE); // RFC 5084, section 3.2
  reader.end();
  const vector = parameters.read(OCTET_STRING);
  const tagBytes = parameters.done ? DEFAULT_TAG : parameters.small();
  parameters.end();
  if (vector.length !== cipher.vectorBytes || tagBytes !== cipher.tagBytes) {
    throw unsupported("its AES-GCM has no nonce of 12 bytes and tag of 16", CONVERT);
  }
  return { cipher, vector };
}

const DEFAULT_TAG = 12;
const CONVERT = "convert it with openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW";

function oldEncryption(): Error {
  return unsupported(
    "it is encrypted in another way than PBES2 with PBKDF2 or scrypt",
    `${CONVERT}, and with -provider legacy -provider default too where OpenSSL 3 refuses its old cipher`,
  );
}

/** What a file may ask for. */
export interface Bounds {
  readonly pbkdf2Iterations: number;
  readonly scryptMemoryBytes: number;
  readonly bcryptRounds: number;
}

/** @throws {LetheError} `ERR_LETHE_KEY_COST`, `ERR_LETHE_KEY_DAMAGED` for what no derivation takes */
export function checkDerivation(derivation: Derivation, bounds: Bounds): void {
  if (derivation.name === "pbkdf2") {
    const { iterations } = derivation;
    if (iterations < 1) throw damaged("its DER");
    if (iterations > bounds.pbkdf2Iterations) {
      throw tooCostly(`${iterations} iterations of PBKDF2`, "pbkdf2Iterations");
    }
    return;
  }
  const { N, r, p } = derivation;
  const isPower = N >= 2 && N < 2 ** 31 && (N & (N - 1)) === 0;
  if (!isPower || r < 1 || p < 1) throw damaged("its DER");
  // The work of several lanes may be four times what one of the largest memory takes.
  if (
    scryptMemory(derivation) > bounds.scryptMemoryBytes ||
    scryptMemory(derivation) * p > 4 * bounds.scryptMemoryBytes ||
    r * p > MOST_LANES
  ) {
    throw tooCostly(`scrypt with N = ${N}, r = ${r}, p = ${p}`, "scryptMemoryBytes");
  }
}

/** Of r * p, which takes 128 bytes each in secret memory. */
const MOST_LANES = 256;

/** Opens what {@link parsePbes2} read. */
export function openPbes2(secrets: Secrets, pbes2: Pbes2, passphrase: SecretBuffer): SecretBuffer {
  const { derivation, salt, cipher, vector, encrypted } = pbes2;
  const { tagBytes, blockBytes } = cipher;
  const length = encrypted.length - tagBytes;
  if (length < 1 || (tagBytes === 0 && length % blockBytes !== 0)) throw damaged("its ciphertext");
  return withWorkspace(secrets, roomFor(derivation, length), (space) => {
    const key = deriveKey(derivation, passphrase, salt, cipher.keyBytes, space);
    const target = space.bytes(length);
    const source = within(encrypted, 0, length);
    const tag = within(encrypted, length);
    if (!cipher.open({ key, vector, source, target, tag, space })) throw wrongPassphrase();
    const plainLength = tagBytes > 0 ? length : length - paddingOf(target);
    return born(secrets, plainLength, (bytes) => bytes.set(within(target, 0, plainLength)));
  });
}

/** What {@link deriveKey} and a cipher over `length` bytes take of a {@link Workspace}. */
export function roomFor(derivation: Derivation, length: number): number {
  const room = derivation.name === "pbkdf2" ? pbkdf2Room(derivation.hash) : scryptRoom(derivation);
  return room + CIPHER_ROOM + 128 + roundUp(length);
}

export function deriveKey(
  derivation: Derivation,
  passphrase: SecretBuffer,
  salt: Uint8Array,
  keyBytes: number,
  space: Workspace,
): View {
  const key = space.bytes(keyBytes);
  passphrase.expose((bytes) => {
    if (derivation.name === "scrypt") scrypt(bytes, salt, derivation, key, space);
    else pbkdf2(derivation.hash, bytes, salt, derivation.iterations, key, space);
  });
  return key;
}

/** Bytes of PKCS#7 padding (RFC 8018, section 6.1.1), all looked at. @throws when it is none */
function paddingOf(bytes: View): number {
  const count = bytes[bytes.length - 1] as number;
  let wrong = (count - 1) | (16 - count);
  for (let index = 0; index < 16; index++) {
    const counts = (index - count) >> 31;
    wrong |= -((bytes[bytes.length - 1 - index] as number) ^ count) & counts;
  }
  if (wrong < 0 || count >= bytes.length) throw wrongPassphrase();
  return count;
}
