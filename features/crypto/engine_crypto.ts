import { wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { readOptions, readRecord } from "../../core/arguments/options.ts";
import { MAX_BYTE_LENGTH } from "../../core/bytes.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { CryptoEngine, Operation } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { PassedOverEngine } from "../../core/engines.ts";
import { decrypt, encrypt, isAuthentic } from "./aead.ts";
import { argon2id, hashPassword, verifyPassword } from "./argon2id.ts";
import { checkNotZero, lowOrder } from "./check_key.ts";
import { ENGINES_WITH } from "./engines_with.ts";
import { HASH_BYTES, hkdf, hmacOf } from "./hkdf.ts";
import { signChecked } from "./key_pairs.ts";
import { born, checkSecret, lend, type Message, messageOf } from "./lend.ts";
import type {
  AeadOptions,
  Argon2idOptions,
  HashName,
  HkdfOptions,
  HmacOptions,
  LengthOptions,
  SecretKeyPair,
  VerifyPasswordOptions,
} from "./options.ts";
import { sealBox, unsealBox } from "./sealed_box.ts";

/** Crypto over one engine and the memory of one {@link Secrets}, for secrets of this copy of Lethe. */
export class EngineCrypto {
  readonly #engine: CryptoEngine;
  readonly #secrets: Secrets;
  readonly #passedOver: readonly PassedOverEngine[];

  constructor(engine: CryptoEngine, secrets: Secrets, passedOver: readonly PassedOverEngine[]) {
    this.#engine = engine;
    this.#secrets = secrets;
    this.#passedOver = passedOver;
  }

  get engine(): string {
    return this.#engine.name;
  }

  get operations(): ReadonlySet<Operation> {
    return this.#engine.operations;
  }

  get residue(): Readonly<Partial<Record<Operation, string>>> {
    return this.#engine.residue;
  }

  get passedOver(): readonly PassedOverEngine[] {
    return this.#passedOver;
  }

  encrypt(key: SecretBuffer, message: Message, options?: AeadOptions): Uint8Array<ArrayBuffer> {
    return encrypt(this.#with("encrypt", "aead"), this.#secrets, key, message, options);
  }

  decrypt(key: SecretBuffer, encrypted: Uint8Array, options?: AeadOptions): SecretBuffer {
    return decrypt(this.#with("decrypt", "aead"), this.#secrets, key, encrypted, options);
  }

  isAuthentic(key: SecretBuffer, encrypted: Uint8Array, options?: AeadOptions): boolean {
    return isAuthentic(this.#with("authenticate", "aead"), this.#secrets, key, encrypted, options);
  }

  keyedHash(key: SecretBuffer, given: Message, options?: LengthOptions): SecretBuffer {
    const engine = this.#with("hash", "keyed-hash");
    const byteLength = readLength(options, "hash");
    checkSecret(key, "hash", "key", 16, 64);
    const message = messageOf(given, "hash");
    return born(this.#secrets, byteLength, (hash) =>
      lend([key, message], (key, message) => {
        checkNotZero(key, "hash", "key");
        engine.keyedHash(hash, message, key);
      }),
    );
  }

  hmac(key: SecretBuffer, given: Message, options?: HmacOptions): SecretBuffer {
    const hash = readHash(readOptions(options, "authenticate", ["hash"]), "authenticate");
    const hmac = hmacOf(this.#withHmac("authenticate", hash), hash);
    checkSecret(key, "authenticate", "key", 1, MAX_BYTE_LENGTH);
    const message = messageOf(given, "authenticate");
    return born(this.#secrets, HASH_BYTES[hash], (tag) =>
      lend([key, message], (key, message) => {
        checkNotZero(key, "authenticate", "key");
        hmac(tag, message, key);
      }),
    );
  }

  verifyHmac(key: SecretBuffer, message: Message, tag: Uint8Array, options?: HmacOptions): boolean {
    const bytes = publicBytes(tag, "authenticate", "tag");
    const expected = this.hmac(key, message, options);
    try {
      return bytes.length === expected.byteLength && expected.equals(bytes);
    } finally {
      expected.destroy();
    }
  }

  hkdf(secret: SecretBuffer, options?: HkdfOptions): SecretBuffer {
    const own = readOptions(options, "derive key", ["hash", "salt", "info", "byteLength"]);
    const hash = readHash(own, "derive key");
    const engine = this.#withHmac("derive key", hash);
    checkSecret(secret, "derive key", "secret", 1, MAX_BYTE_LENGTH);
    return hkdf(engine, this.#secrets, hash, secret, own);
  }

  deriveSubkey(
    key: SecretBuffer,
    number: number,
    context: Uint8Array,
    options?: LengthOptions,
  ): SecretBuffer {
    const engine = this.#with("derive subkey", "subkey");
    const byteLength = readLength(options, "derive subkey");
    checkSecret(key, "derive subkey", "key", 32);
    checkInteger(number, "derive subkey", "number", 0, Number.MAX_SAFE_INTEGER);
    const bytes = publicBytes(context, "derive subkey", "context", 8);
    return born(this.#secrets, byteLength, (subkey) =>
      lend([key], (key) => {
        checkNotZero(key, "derive subkey", "key");
        engine.subkey(subkey, number, bytes, key);
      }),
    );
  }

  argon2id(password: SecretBuffer, salt: Uint8Array, options: Argon2idOptions): SecretBuffer {
    const engine = this.#with("hash password", "argon2id");
    return argon2id(engine, this.#secrets, password, salt, options);
  }

  hashPassword(password: SecretBuffer, cost: Argon2Cost): string {
    return hashPassword(this.#with("hash password", "argon2id"), this.#secrets, password, cost);
  }

  verifyPassword(
    password: SecretBuffer,
    hash: string | Uint8Array,
    options?: VerifyPasswordOptions,
  ): boolean {
    const engine = this.#with("verify password", "argon2id");
    return verifyPassword(engine, this.#secrets, password, hash, options);
  }

  signKeyPair(seed?: SecretBuffer): SecretKeyPair {
    const engine = this.#with("make key pair", "ed25519");
    if (seed !== undefined) checkSecret(seed, "make key pair", "seed", 32);
    const publicKey = new Uint8Array(32);
    const used = seed ?? this.#secrets.random(32);
    try {
      const secretKey = born(this.#secrets, 64, (bytes) =>
        lend([used], (seed) => {
          checkNotZero(seed, "make key pair", "seed");
          engine.signKeyPair(publicKey, bytes, seed);
        }),
      );
      return Object.freeze({ publicKey, secretKey });
    } finally {
      if (used !== seed) used.destroy();
    }
  }

  sign(secretKey: SecretBuffer, given: Message): Uint8Array<ArrayBuffer> {
    const engine = this.#with("sign", "ed25519");
    checkSecret(secretKey, "sign", "secretKey", 64);
    const message = messageOf(given, "sign");
    const signature = new Uint8Array(64);
    lend([secretKey, message], (secretKey, message) =>
      signChecked(engine, signature, message, secretKey),
    );
    return signature;
  }

  verify(publicKey: Uint8Array, message: Message, signature: Uint8Array): boolean {
    const engine = this.#with("verify", "ed25519");
    const key = publicBytes(publicKey, "verify", "publicKey", 32);
    const bytes = publicBytes(signature, "verify", "signature", 64);
    return lend([messageOf(message, "verify")], (message) => engine.verify(bytes, message, key));
  }

  agreeKeyPair(secretKey?: SecretBuffer): SecretKeyPair {
    const engine = this.#with("make key pair", "x25519");
    if (secretKey !== undefined) checkSecret(secretKey, "make key pair", "secretKey", 32);
    const own = secretKey?.clone() ?? this.#secrets.random(32);
    const publicKey = new Uint8Array(32);
    try {
      lend([own], (secretKey) => {
        checkNotZero(secretKey, "make key pair", "secretKey");
        engine.agreePublicKey(publicKey, secretKey);
      });
    } catch (error) {
      own.destroy();
      throw error;
    }
    return Object.freeze({ publicKey, secretKey: own });
  }

  agree(secretKey: SecretBuffer, publicKey: Uint8Array): SecretBuffer {
    const engine = this.#with("agree", "x25519");
    checkSecret(secretKey, "agree", "secretKey", 32);
    const peer = publicBytes(publicKey, "agree", "publicKey", 32);
    return born(this.#secrets, 32, (shared) =>
      lend([secretKey], (secretKey) => {
        checkNotZero(secretKey, "agree", "secretKey");
        if (!engine.agree(shared, secretKey, peer)) throw lowOrder("agree");
      }),
    );
  }

  sealBox(publicKey: Uint8Array, message: Message): Uint8Array<ArrayBuffer> {
    const engine = this.#with("seal box", "box", "x25519", "keyed-hash");
    const recipient = publicBytes(publicKey, "seal box", "publicKey", 32);
    return sealBox(engine, this.#secrets, recipient, messageOf(message, "seal box"));
  }

  unsealBox(keyPair: SecretKeyPair, box: Uint8Array): SecretBuffer {
    const engine = this.#with("open box", "box", "x25519", "keyed-hash");
    const given = readRecord(keyPair, "open box", "keyPair", ["publicKey", "secretKey"]);
    const { secretKey } = given;
    checkSecret(secretKey, "open box", "secretKey", 32);
    const publicKey = publicBytes(given.publicKey, "open box", "publicKey", 32);
    const bytes = publicBytes(box, "open box", "box");
    return unsealBox(engine, this.#secrets, { publicKey, secretKey }, bytes);
  }

  #withHmac(verb: string, hash: HashName): CryptoEngine {
    return this.#with(verb, `hmac-${hash}`);
  }

  /** The engine, which has what is needed. */
  #with(verb: string, ...needed: readonly Operation[]): CryptoEngine {
    const missing = needed.find((operation) => !this.#engine.operations.has(operation));
    if (missing === undefined) return this.#engine;
    throw new LetheError(
      "ERR_LETHE_UNSUPPORTED",
      `Cannot ${verb}: engine ${this.engine} has no ${missing}; ${ENGINES_WITH[missing].join(", ")} have it (openCrypto takes an engine)`,
    );
  }
}

function readLength(options: LengthOptions | undefined, verb: string): number {
  const { byteLength = 32 } = readOptions(options, verb, ["byteLength"]);
  checkInteger(byteLength, verb, "byteLength", 16, 64);
  return byteLength;
}

function readHash({ hash = "sha256" }: Readonly<Partial<HmacOptions>>, verb: string): HashName {
  if (hash === "sha256" || hash === "sha512") return hash;
  throw wrongType(`Cannot ${verb} as hash must be "sha256" or "sha512"`);
}
