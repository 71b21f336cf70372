/**
 * Cryptography on secrets: keys stay in secret memory, and so does what is secret in a result.
 *
 * @module
 */
export type { Argon2Cost } from "../../core/contract/cost.ts";
export type { EngineOption } from "../../core/engine_choice.ts";
export type { PassedOverEngine } from "../../core/engines.ts";
export type { SecretCrypto } from "./crypto.ts";
export { type CryptoOptions, openCrypto } from "./open_crypto.ts";
export type {
  AeadOptions,
  Argon2idOptions,
  HashName,
  HkdfOptions,
  HmacOptions,
  KeyPairInput,
  LengthOptions,
  SecretKeyPair,
  VerifyPasswordOptions,
} from "./options.ts";
