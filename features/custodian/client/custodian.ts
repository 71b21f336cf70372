import type {
  Argon2Cost,
  ReadonlyBytes,
  SecretBuffer,
  SecretInput,
  StandardSecretV1,
} from "../../../core/mod.ts";
import type { AeadOptions, HmacOptions, VerifyPasswordOptions } from "../../crypto/options.ts";
import type { CustodianReport, CustodianStatus } from "../report.ts";
import type { SecretPolicy } from "../vault/policy.ts";
import type {
  CustodianEnd,
  CustodianPrompt,
  DecryptOptions,
  DeriveOptions,
  GenerateKeyPairOptions,
  GenerateOptions,
  PutOptions,
  SignOptions,
  StatusOptions,
} from "./custodian_options.ts";

/**
 * A separate process that holds secrets, so that this one need not.
 *
 * - CUSTODIAN-1: a secret crosses between the processes only sealed, and is opened only into secret memory
 * - CUSTODIAN-2: in the custodian it is sealed at rest, and opened for one use at a time; a key pair that was put
 *   into the secure heap lies there instead, open, until its end
 * - CUSTODIAN-3: one that may not leave never does; what a policy refuses is `ERR_LETHE_POLICY`
 * - CUSTODIAN-4: when the custodian ends, by whatever, every call that waits is rejected at once
 *
 * Names are labels of 1 to 256 bytes of UTF-8, compared in normal form C, and no secrets. Half a surrogate
 * pair is refused; control characters are not, and are escaped in errors. Any number of calls can be under
 * way; none sees another's buffer.
 *
 * What works on a secret is the same operation as {@link SecretCrypto} has, with the name of the secret in the
 * place of the key: docs/operations.md. Messages are secrets, which cross sealed and stay here, or plain
 * bytes; both have up to 65,536 bytes.
 *
 * Every method rejects with `ERR_LETHE_CUSTODIAN` once the custodian has ended, with
 * `ERR_LETHE_CHANNEL` when something came from it that an honest custodian does not send, and with
 * `ERR_LETHE_NAME` for a name that is unknown, taken, or of a secret of another type.
 */
export interface Custodian extends AsyncDisposable {
  /** The id of its process. */
  readonly pid: number;
  /** What is true of its process. */
  readonly report: CustodianReport;
  /** Fulfilled when the process has ended. */
  readonly ended: Promise<CustodianEnd>;
  /**
   * Asks the person at the terminal; this process never sees what is typed.
   *
   * @throws {LetheError} `ERR_LETHE_PROMPT_...` as `promptSecret`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.prompt("password", "Password: ", { from: "stdin" }); // or at the terminal
   * console.log((await custodian.status()).count); // 1
   * await custodian.close();
   * ```
   */
  prompt(name: string, text: string, options?: CustodianPrompt): Promise<void>;
  /**
   * Brings a secret in, and destroys it here once the custodian has it. After an error it is whole.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY`; `ERR_LETHE_KEY_INVALID`, `ERR_LETHE_KEY_DAMAGED`,
   * `ERR_LETHE_UNSUPPORTED` for bytes that are not a key of `type`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openCustodian } from "lethe/custodian";
   *
   * const secrets = openSecrets();
   * const custodian = await openCustodian({ secrets });
   * const token = secrets.random(32);
   * await custodian.put("token", token, { mayLeave: true });
   * console.log(token.state); // "destroyed": the custodian has it
   * await custodian.close();
   * ```
   */
  put(name: string, secret: StandardSecretV1, options?: PutOptions): Promise<void>;
  /**
   * Makes a random key there.
   *
   * @throws {LetheError} `ERR_LETHE_NAME` when the name is taken
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("session", "key"); // 32 random bytes that may not leave
   * await custodian.close();
   * ```
   */
  generate(name: string, type: "key", options?: GenerateOptions): Promise<void>;
  /**
   * Makes an Ed25519 or X25519 key pair there.
   *
   * @returns its public key, 32 bytes
   * @throws {LetheError} `ERR_LETHE_NAME` when the name is taken
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * const publicKey = await custodian.generate("signer", "ed25519");
   * console.log(publicKey.length); // 32
   * await custodian.close();
   * ```
   */
  generate(
    name: string,
    type: "ed25519" | "x25519",
    options?: GenerateKeyPairOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Brings a secret out for one call. It arrives sealed, is opened into secret memory of this process
   * and is wiped there when `use` has returned, thrown or settled. It takes `mayLeave`.
   *
   * @param use gets the bytes; a view that escapes is empty
   * @throws {LetheError} `ERR_LETHE_POLICY` when it may not leave, was used up or has expired
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("token", "key", { mayLeave: true, uses: 1 });
   * await custodian.expose("token", (bytes) => bytes.length); // 32
   * await custodian.close();
   * ```
   */
  expose<T>(name: string, use: (bytes: ReadonlyBytes) => T): Promise<Awaited<T>>;
  /**
   * A signature by the private key of a pair: Ed25519 (64 bytes); ECDSA with SHA-256 (P-256), SHA-384 (P-384) or
   * SHA-512 (P-521), as r and s (64, 96 or 132 bytes); RSA with PKCS#1 v1.5 or PSS, as long as its modulus. An RSA key
   * of 4,096 bits keeps the custodian busy for some 165 ms of a processor (Node 24; docs/custodian.md has the others).
   *
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME` for a secret of another type;
   * `ERR_LETHE_KEY_INVALID` when the result is not a signature of this key, and then none leaves
   * @throws {TypeError} for a hash or a padding that the type of the key does not take
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("signer", "ed25519");
   * const message = new TextEncoder().encode("message");
   * const signature = await custodian.sign("signer", message);
   * console.log(signature.length); // 64
   * // await custodian.sign("rsa", message, { padding: "pss", hash: "sha384" }); JOSE's PS384
   * await custodian.close();
   * ```
   */
  sign(name: string, message: SecretInput, options?: SignOptions): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * HMAC (RFC 2104), in a secret of this process that the caller destroys.
   *
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key");
   * const tag = await custodian.hmac("key", new TextEncoder().encode("message"));
   * tag.destroy(); // 32 bytes, after their use
   * await custodian.close();
   * ```
   */
  hmac(name: string, message: SecretInput, options?: HmacOptions): Promise<SecretBuffer>;
  /**
   * Whether `tag` is the whole HMAC, compared in constant time. A truncated tag is none.
   *
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key");
   * const message = new TextEncoder().encode("message");
   * await custodian.verifyHmac("key", message, new Uint8Array(32)); // false
   * await custodian.close();
   * ```
   */
  verifyHmac(
    name: string,
    message: SecretInput,
    tag: Uint8Array,
    options?: HmacOptions,
  ): Promise<boolean>;
  /**
   * XChaCha20-Poly1305 under a key of 32 bytes.
   *
   * @returns `nonce (24) || ciphertext || tag (16)`
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key");
   * const encrypted = await custodian.encrypt("key", new TextEncoder().encode("message"));
   * console.log(encrypted.length); // 47
   * await custodian.close();
   * ```
   */
  encrypt(
    name: string,
    message: SecretInput,
    options?: AeadOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The message of `encrypted`, in a secret of this process that the caller destroys. An RSA key decrypts OAEP (RFC
   * 8017, section 7.1) with SHA-256, as others encrypt it for its public half: `RSA-OAEP-256` of JOSE.
   *
   * @throws {LetheError} `ERR_LETHE_FORGED` unless it was encrypted under this key with this
   * additional data, and is whole: of an RSA key one error for all that can be wrong
   * @throws {RangeError} for an authentic empty message, which no secret can hold: see `isAuthentic`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key");
   * const encrypted = await custodian.encrypt("key", new TextEncoder().encode("message"));
   * const message = await custodian.decrypt("key", encrypted); // 7 bytes
   * message.destroy();
   * // await custodian.decrypt("rsa", wrappedKey, { hash: "sha512", additional: label });
   * await custodian.close();
   * ```
   */
  decrypt(name: string, encrypted: Uint8Array, options?: DecryptOptions): Promise<SecretBuffer>;
  /**
   * Whether `encrypted` would decrypt. For messages that may be empty.
   *
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key");
   * const encrypted = await custodian.encrypt("key", new Uint8Array());
   * await custodian.isAuthentic("key", encrypted); // true
   * await custodian.close();
   * ```
   */
  isAuthentic(name: string, encrypted: Uint8Array, options?: AeadOptions): Promise<boolean>;
  /**
   * A new key there, named `as`: BLAKE2b of `context` under the key `name`, as `keyedHash` makes
   * it.
   *
   * @throws {LetheError} `ERR_LETHE_NAME` when `as` is taken; `ERR_LETHE_POLICY`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("master", "key");
   * await custodian.derive("master", "backups", new TextEncoder().encode("backups"));
   * await custodian.close();
   * ```
   */
  derive(name: string, as: string, context: Uint8Array, options?: DeriveOptions): Promise<void>;
  /**
   * A new key there, named `as`: what the pair `name` and another party have in common. X25519 (RFC 7748), or ECDH
   * on P-256, P-384 or P-521 (SEC 1, section 3.3.1), not hashed: 32, 32, 48 or 66 bytes. Not yet a key to
   * encrypt with: `derive` one from it, or let it leave for `hkdf` of {@link SecretCrypto}.
   *
   * @param publicKey of the other party: 32 bytes for X25519, else a point, compressed or not
   * @throws {LetheError} `ERR_LETHE_FORGED` for a low-order point, and for what is not a point of the curve;
   * `ERR_LETHE_NAME` when `as` is taken, and for a secret of another type; `ERR_LETHE_POLICY`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * const ours = await custodian.generate("ours", "x25519"); // to be sent to the other party
   * const theirs = await custodian.generate("theirs", "x25519"); // on another machine
   * await custodian.agree("ours", "shared", theirs);
   * await custodian.derive("shared", "session", new Uint8Array([...ours, ...theirs]));
   * await custodian.close();
   * ```
   */
  agree(name: string, as: string, publicKey: Uint8Array, options?: SecretPolicy): Promise<void>;
  /**
   * Compares with a secret of this process, or with another one there, in constant time.
   *
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("one", "key");
   * await custodian.generate("other", "key");
   * await custodian.equals("one", "other"); // false
   * await custodian.close();
   * ```
   */
  equals(name: string, other: StandardSecretV1 | string): Promise<boolean>;
  /**
   * What a database keeps of a `password` or `key`: Argon2id under a fresh salt, as a PHC string. It blocks
   * the custodian for its whole time.
   *
   * @param cost at most the work of 16 passes over 256 MiB, in no more memory
   * @returns `$argon2id$v=19$m=KIBIBYTES,t=PASSES,p=1$SALT$HASH`, which is not a secret
   * @throws {LetheError} `ERR_LETHE_POLICY`, `ERR_LETHE_NAME`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.prompt("password", "Password: ", { from: "stdin" });
   * await custodian.hashPassword("password", { passes: 2, memoryBytes: 19 * 2 ** 20 });
   * await custodian.close();
   * ```
   */
  hashPassword(name: string, cost: Argon2Cost): Promise<string>;
  /**
   * Whether `hash` is one of this secret, compared in constant time.
   *
   * @param hash what `hashPassword` or another library made, as text or its bytes
   * @param options `mostCost` is at most 16 passes over 256 MiB, which is the default
   * @throws {LetheError} `ERR_LETHE_KEY_COST`, `ERR_LETHE_UNSUPPORTED` as {@link SecretCrypto.verifyPassword}
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.prompt("password", "Password: ", { from: "stdin" });
   * const cost = { passes: 2, memoryBytes: 19 * 2 ** 20 };
   * const stored = await custodian.hashPassword("password", cost);
   * await custodian.verifyPassword("password", stored); // true
   * await custodian.close();
   * ```
   */
  verifyPassword(
    name: string,
    hash: string | Uint8Array,
    options?: VerifyPasswordOptions,
  ): Promise<boolean>;
  /**
   * Destroys a secret in the custodian. Of one that has ended by its policy it makes the custodian forget the name.
   *
   * @throws {LetheError} `ERR_LETHE_NAME` when there is none
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key");
   * await custodian.delete("key");
   * await custodian.close();
   * ```
   */
  delete(name: string): Promise<void>;
  /**
   * How many secrets the custodian holds, and facts about the first of them. One that has ended by its policy, with
   * its last use or its time, is not among them.
   *
   * @throws {RangeError} for another `most`
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * await custodian.generate("key", "key", { uses: 3 });
   * const { count, secrets } = await custodian.status();
   * console.log(count, secrets[0]?.uses); // 1 3
   * await custodian.close();
   * ```
   */
  status(options?: StatusOptions): Promise<CustodianStatus>;
  /**
   * Asks the custodian to wipe everything and end, waits for it (5 s unless said otherwise), and kills
   * it then. Calls that wait are rejected. Idempotent.
   *
   * @returns how it ended: code 0 when it did so by itself
   * @throws nothing: it gives what happened
   *
   * @example
   * ```ts
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * const { code, signal } = await custodian.close();
   * console.log(code, signal); // 0 null
   * ```
   */
  close(): Promise<CustodianEnd>;
}
