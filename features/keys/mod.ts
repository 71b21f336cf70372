/**
 * Reads and writes keys as other programs keep them, in secret memory: PKCS#8, SPKI, SEC 1, PKCS#1,
 * OpenSSH, JWK and raw bytes.
 *
 * Ed25519 and X25519 keys can be used at once, by {@link SecretCrypto}. EC and RSA keys sign in a {@link Custodian}, where
 * EC keys agree too; here they are data.
 *
 * @module
 */
export { type FormattedKey, formatKey } from "./format_key.ts";
export { formatPublicKey } from "./format_public_key.ts";
export type {
  FormatKeyOptions,
  FormatPublicKeyOptions,
  KeyType,
  MostKeyCost,
  ParseKeyOptions,
  PrivateKey,
  PrivateKeyFormat,
  PublicKey,
  PublicKeyFormat,
  ReadablePublicKeyFormat,
  WritablePrivateKeyFormat,
} from "./key.ts";
export { parseKey } from "./parse_key.ts";
export { type ParsePublicKeyOptions, parsePublicKey } from "./parse_public_key.ts";
