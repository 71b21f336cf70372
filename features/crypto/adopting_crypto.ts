import { readOptions, readRecord } from "../../core/arguments/options.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { Operation } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { PassedOverEngine } from "../../core/engines.ts";
import { redact } from "../../core/redact.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";
import type { SecretCrypto } from "./crypto.ts";
import type { EngineCrypto } from "./engine_crypto.ts";
import { type Adopted, adopting } from "./lend.ts";
import type {
  AeadOptions,
  Argon2idOptions,
  HkdfOptions,
  HmacOptions,
  KeyPairInput,
  LengthOptions,
  SecretKeyPair,
  VerifyPasswordOptions,
} from "./options.ts";

/** {@link SecretCrypto} for secrets of any library: those of others are copied for each call. */
export class AdoptingCrypto implements SecretCrypto {
  readonly #inner: EngineCrypto;
  readonly #secrets: Secrets;

  constructor(inner: EngineCrypto, secrets: Secrets) {
    this.#inner = inner;
    this.#secrets = secrets;
  }

  get engine(): string {
    return this.#inner.engine;
  }

  get operations(): ReadonlySet<Operation> {
    return this.#inner.operations;
  }

  get residue(): Readonly<Partial<Record<Operation, string>>> {
    return this.#inner.residue;
  }

  get passedOver(): readonly PassedOverEngine[] {
    return this.#inner.passedOver;
  }

  encrypt(
    key: StandardSecretV1,
    message: SecretInput,
    options?: AeadOptions,
  ): Uint8Array<ArrayBuffer> {
    return this.#with([key, message], (key, message) => this.#inner.encrypt(key, message, options));
  }

  decrypt(key: StandardSecretV1, encrypted: Uint8Array, options?: AeadOptions): SecretBuffer {
    return this.#with([key], (key) => this.#inner.decrypt(key, encrypted, options));
  }

  isAuthentic(key: StandardSecretV1, encrypted: Uint8Array, options?: AeadOptions): boolean {
    return this.#with([key], (key) => this.#inner.isAuthentic(key, encrypted, options));
  }

  keyedHash(key: StandardSecretV1, message: SecretInput, options?: LengthOptions): SecretBuffer {
    return this.#with([key, message], (key, message) =>
      this.#inner.keyedHash(key, message, options),
    );
  }

  hmac(key: StandardSecretV1, message: SecretInput, options?: HmacOptions): SecretBuffer {
    return this.#with([key, message], (key, message) => this.#inner.hmac(key, message, options));
  }

  verifyHmac(
    key: StandardSecretV1,
    message: SecretInput,
    tag: Uint8Array,
    options?: HmacOptions,
  ): boolean {
    return this.#with([key, message], (key, message) =>
      this.#inner.verifyHmac(key, message, tag, options),
    );
  }

  hkdf(secret: StandardSecretV1, options?: HkdfOptions): SecretBuffer {
    const own = readOptions(options, "derive key", ["hash", "salt", "info", "byteLength"]);
    return this.#with([secret, own.salt], (secret, salt) =>
      this.#inner.hkdf(secret, salt === undefined ? own : { ...own, salt }),
    );
  }

  deriveSubkey(
    key: StandardSecretV1,
    number: number,
    context: Uint8Array,
    options?: LengthOptions,
  ): SecretBuffer {
    return this.#with([key], (key) => this.#inner.deriveSubkey(key, number, context, options));
  }

  argon2id(password: StandardSecretV1, salt: Uint8Array, options: Argon2idOptions): SecretBuffer {
    return this.#with([password], (password) => this.#inner.argon2id(password, salt, options));
  }

  hashPassword(password: StandardSecretV1, cost: Argon2Cost): string {
    return this.#with([password], (password) => this.#inner.hashPassword(password, cost));
  }

  verifyPassword(
    password: StandardSecretV1,
    hash: string | Uint8Array,
    options?: VerifyPasswordOptions,
  ): boolean {
    return this.#with([password], (password) =>
      this.#inner.verifyPassword(password, hash, options),
    );
  }

  signKeyPair(seed?: StandardSecretV1): SecretKeyPair {
    return this.#with([seed], (seed) => this.#inner.signKeyPair(seed));
  }

  sign(secretKey: StandardSecretV1, message: SecretInput): Uint8Array<ArrayBuffer> {
    return this.#with([secretKey, message], (secretKey, message) =>
      this.#inner.sign(secretKey, message),
    );
  }

  verify(publicKey: Uint8Array, message: SecretInput, signature: Uint8Array): boolean {
    return this.#with([message], (message) => this.#inner.verify(publicKey, message, signature));
  }

  agreeKeyPair(secretKey?: StandardSecretV1): SecretKeyPair {
    return this.#with([secretKey], (secretKey) => this.#inner.agreeKeyPair(secretKey));
  }

  agree(secretKey: StandardSecretV1, publicKey: Uint8Array): SecretBuffer {
    return this.#with([secretKey], (secretKey) => this.#inner.agree(secretKey, publicKey));
  }

  sealBox(publicKey: Uint8Array, message: SecretInput): Uint8Array<ArrayBuffer> {
    return this.#with([message], (message) => this.#inner.sealBox(publicKey, message));
  }

  unsealBox(keyPair: KeyPairInput, box: Uint8Array): SecretBuffer {
    const own = readRecord(keyPair, "open box", "keyPair", ["publicKey", "secretKey"]);
    return this.#with([own.secretKey], (secretKey) =>
      this.#inner.unsealBox({ ...own, secretKey } as SecretKeyPair, box),
    );
  }

  #with<const I extends readonly unknown[], T>(inputs: I, use: (...own: Adopted<I>) => T): T {
    return adopting(this.#secrets, inputs, use);
  }
}

redact(AdoptingCrypto, ({ engine }) => `SecretCrypto(${engine})`);
