import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { KeyFileReport } from "./key_file_report.ts";
import type { KeyOf, KeyPair, KeyShape } from "./key_shape.ts";
import type {
  ChangePassphraseOptions,
  KeyFileOptions,
  ReadKeyOptions,
  RotateKeyOptions,
  SealKeyOptions,
} from "./options.ts";
import type { Rotation } from "./rotation.ts";

/**
 * Keys in files that only their owner can read.
 *
 * A conforming implementation guarantees:
 *
 * - KEYFILE-1: a key goes between the kernel and secret memory with no copy in between, and is frozen
 * - KEYFILE-2: a key file is made with mode 0400 whatever the umask, never over another file, and is durable
 *   when the call returns; when the process dies at any point, there is the whole key or none
 * - KEYFILE-3: a file is read only if it is a regular file of this user, of mode 0400 or 0600, in a directory
 *   of this user or of root that nobody else may write to; all of that is asked of open descriptors
 * - KEYFILE-4: a file with another number of bytes than was asked for is refused
 * - KEYFILE-5: sealed, it gives the key that was put in, or an error; and it cannot cost more than `mostCost`
 * - KEYFILE-7: a sealed key file is never taken for a plain one, nor a plain one for a sealed one; and what
 *   takes the place of a key file is sealed if that was, at no lower cost unless a call names it
 * - KEYFILE-8: one change in a directory at a time, among all processes, threads and copies of Lethe that use
 *   it; a file is replaced only while it has the content that was read
 *
 * It does not guarantee that a removed or replaced file is gone from the disk: file systems journal,
 * SSDs remap, backups keep. It cannot see whether the system swaps, whether another process of the
 * same user reads the file, or what root does. On Windows KEYFILE-3 is not checked.
 *
 * Every method is synchronous: a key is 32 bytes, and a pool thread's buffer would be one more place
 * to look for it. With a passphrase a call blocks for Argon2id's time, by default some 0.7 s.
 *
 * Errors are {@link LetheError}s with a code `ERR_LETHE_KEY_...`, a reason and a remedy. Of these only
 * `ERR_LETHE_KEY_SIZE` is a misuse.
 */
export interface KeyFiles {
  /** Whether Lethe checks owner, modes and directory. `not checked` only on Windows, where you asked for it. */
  readonly access: "checked" | "not checked";
  /**
   * Makes a random key, and a file that holds it. The key itself is destroyed here.
   *
   * @throws {LetheError} `ERR_LETHE_KEY_EXISTS`; nothing is ever overwritten
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * keys.create("./app.key", 32); // mode 0400; throws where there is a file
   * keys.remove("./app.key");
   * ```
   */
  create(path: string, shape: number, options?: KeyFileOptions): void;
  /**
   * Makes a random key pair, and a file that holds it. The secret key itself is destroyed here.
   *
   * @returns the public key of the pair, 32 bytes
   * @throws {LetheError} `ERR_LETHE_KEY_EXISTS`; nothing is ever overwritten
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * const publicKey = keys.create("./signing.key", "ed25519");
   * console.log(publicKey.length); // 32
   * keys.remove("./signing.key");
   * ```
   */
  create(
    path: string,
    shape: "ed25519" | "x25519",
    options?: KeyFileOptions,
  ): Uint8Array<ArrayBuffer>;
  /**
   * {@link KeyFiles.create}, and gives the key as {@link KeyFiles.read} would.
   *
   * @throws {LetheError} as {@link KeyFiles.create} and {@link KeyFiles.read}
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * const key = keys.createAndRead("./app.key", 32);
   * console.log(key.frozen); // true
   * keys.destroy(key);
   * keys.remove("./app.key");
   * ```
   */
  createAndRead<S extends KeyShape>(path: string, shape: S, options?: KeyFileOptions): KeyOf<S>;
  /**
   * Makes a file that holds a key which is there already, as {@link KeyFiles.create} makes one of a random key.
   *
   * @param key the seed, 32 bytes, or for Ed25519 seed and public key, 64; it stays yours
   * @returns the pair, as {@link KeyFiles.read} would give it
   * @throws {LetheError} `ERR_LETHE_KEY_EXISTS`; `ERR_LETHE_KEY_FORMAT` for bytes that are text or zeros
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * const seed = secrets.random(32); // from another program's key
   * const pair = keys.store("./signing.key", "ed25519", seed);
   * seed.destroy();
   * keys.destroy(pair);
   * keys.remove("./signing.key");
   * ```
   */
  store(
    path: string,
    type: "ed25519" | "x25519",
    key: SecretBuffer,
    options?: KeyFileOptions,
  ): KeyPair;
  /**
   * The key in a file. `/dev/fd/N` is a descriptor that this process was started with.
   *
   * @throws {LetheError} `ERR_LETHE_KEY_SIZE`, `ERR_LETHE_KEY_PASSPHRASE`, `ERR_LETHE_KEY_FORMAT` for a
   * sealed file without a passphrase, a plain one with it, and text; and why it was refused
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * keys.create("./app.key", 32);
   * const key = keys.read("./app.key", 32); // ERR_LETHE_KEY_SIZE for a file of 31 or 33 bytes
   * key.destroy();
   * keys.remove("./app.key");
   * ```
   */
  read<S extends KeyShape>(path: string, shape: S, options?: ReadKeyOptions): KeyOf<S>;
  /**
   * Puts a new random key in the place of the old one, in one step. The old file stays, under another
   * name, until the new one is durable; it is then removed, unless `keepPrevious` is set.
   *
   * Set it when something is still encrypted under the old key: until that was done again, a crash
   * would lose the only copy. `remove("PATH.previous")` afterwards.
   *
   * @throws {LetheError} `ERR_LETHE_KEY_EXISTS` while there is a `PATH.previous` with another key;
   * `ERR_LETHE_KEY_BUSY` and `ERR_LETHE_KEY_CHANGED` when others change it
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * keys.create("./app.key", 32);
   * const rotation = keys.rotate("./app.key", 32, { keepPrevious: true });
   * // ... encrypt again what `rotation.previous` opens, under `rotation.current` ...
   * keys.destroy(rotation);
   * keys.remove("./app.key.previous");
   * keys.remove("./app.key");
   * ```
   */
  rotate<S extends KeyShape>(path: string, shape: S, options?: RotateKeyOptions): Rotation<S>;
  /**
   * Puts the sealed form of a plain key file in its place.
   *
   * @throws {LetheError} `ERR_LETHE_KEY_SIZE`, `ERR_LETHE_KEY_FORMAT` for a file that is sealed already, and
   * why the file was refused; it then stays as it is
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   * import { promptSecret } from "lethe/prompt";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * keys.create("./app.key", 32);
   * const passphrase = await promptSecret(secrets, "Passphrase: ", { isNew: true });
   * keys.seal("./app.key", 32, { passphrase });
   * const key = keys.read("./app.key", 32, { passphrase });
   * secrets.purge();
   * keys.remove("./app.key");
   * ```
   */
  seal(path: string, shape: KeyShape, options: SealKeyOptions): void;
  /**
   * Puts the plain form of a sealed key file in its place.
   *
   * @throws {LetheError} `ERR_LETHE_KEY_PASSPHRASE`, `ERR_LETHE_KEY_FORMAT` for a plain file, and why the file
   * was refused; it then stays as it is
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   * import { promptSecret } from "lethe/prompt";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * const passphrase = await promptSecret(secrets, "Passphrase: ");
   * keys.create("./app.key", 32, { passphrase });
   * keys.unseal("./app.key", { passphrase }); // a plain file from here on
   * secrets.purge();
   * keys.remove("./app.key");
   * ```
   */
  unseal(path: string, options: Pick<KeyFileOptions, "passphrase">): void;
  /**
   * Seals the same key under another passphrase; at another cost only if `cost` names it.
   *
   * @throws {LetheError} as {@link KeyFiles.unseal}
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   * import { promptSecret } from "lethe/prompt";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * const passphrase = await promptSecret(secrets, "Old passphrase: ");
   * const newPassphrase = await promptSecret(secrets, "New passphrase: ", { isNew: true });
   * keys.create("./app.key", 32, { passphrase });
   * keys.changePassphrase("./app.key", { passphrase, newPassphrase });
   * secrets.purge();
   * keys.remove("./app.key");
   * ```
   */
  changePassphrase(path: string, options: ChangePassphraseOptions): void;
  /**
   * What the file is, without its key.
   *
   * @throws {LetheError} why the file was refused
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * keys.create("./app.key", 32);
   * console.log(keys.inspect("./app.key").mode); // "0400"
   * keys.remove("./app.key");
   * ```
   */
  inspect(path: string, options?: Pick<ReadKeyOptions, "trust">): KeyFileReport;
  /**
   * Removes the name and syncs the directory. The disk may keep the blocks.
   *
   * @throws {LetheError} `ERR_LETHE_KEY_LINKED` when the file has another name
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * keys.create("./app.key", 32);
   * keys.remove("./app.key");
   * ```
   */
  remove(path: string): void;
  /**
   * Destroys a secret, or every secret among the values of an object: a key pair, a rotation, a list.
   *
   * @throws {TypeError} when there is none in it
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openKeyFiles } from "lethe/key-files";
   *
   * const secrets = openSecrets();
   * const keys = openKeyFiles(secrets);
   * const pair = keys.createAndRead("./signing.key", "ed25519");
   * keys.destroy(pair); // its secret key
   * keys.remove("./signing.key");
   * ```
   */
  destroy(key: object): void;
}
