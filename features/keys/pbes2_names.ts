import type { HashFunction } from "./primitives/hash.ts";
import { SHA1 } from "./primitives/sha1.ts";
import { SHA256 } from "./primitives/sha256.ts";
import { SHA512 } from "./primitives/sha512.ts";

/** Object identifiers of RFC 8018, RFC 7914 and RFC 5084, the content of their DER. */
const PKCS5 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5];
const DIGESTS = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2];
const CIPHERS = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1];

export const PBES2: readonly number[] = [...PKCS5, 13];
export const PBKDF2: readonly number[] = [...PKCS5, 12];
export const SCRYPT: readonly number[] = [0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];

/** The functions under PBKDF2. */
export const HMAC: readonly { readonly oid: readonly number[]; readonly hash: HashFunction }[] = [
  { oid: [...DIGESTS, 7], hash: SHA1 },
  { oid: [...DIGESTS, 9], hash: SHA256 },
  { oid: [...DIGESTS, 11], hash: SHA512 },
];

interface NamedAes {
  readonly oid: readonly number[];
  readonly bits: 128 | 192 | 256;
  readonly mode: "cbc" | "gcm";
}

export const AES: readonly NamedAes[] = [
  { oid: [...CIPHERS, 2], bits: 128, mode: "cbc" },
  { oid: [...CIPHERS, 22], bits: 192, mode: "cbc" },
  { oid: [...CIPHERS, 42], bits: 256, mode: "cbc" },
  { oid: [...CIPHERS, 6], bits: 128, mode: "gcm" },
  { oid: [...CIPHERS, 26], bits: 192, mode: "gcm" },
  { oid: [...CIPHERS, 46], bits: 256, mode: "gcm" },
];
