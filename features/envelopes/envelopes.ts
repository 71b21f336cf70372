import type { Identity, KeyWrapper, Recipient } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import type { StreamPair } from "../../core/stream_pair.ts";
import type { PrivateKey } from "../keys/mod.ts";
import type { EnvelopeFacts } from "./facts.ts";
import type { AgeIdentity } from "./identity.ts";
import type {
  OpenOptions,
  ParseIdentitiesOptions,
  SealOptions,
  SealStreamOptions,
} from "./options.ts";
import type { PassphraseOptions } from "./passphrase.ts";

/**
 * Envelopes: a secret for one or several recipients, as a file that `age` reads (age-encryption.org/v1).
 *
 * - ENVELOPE-1: plaintext, file key and private keys lie in secret memory alone; what leaves it is ciphertext
 * - ENVELOPE-2: `age` opens what is sealed here, and what `age` sealed is opened here, with the same recipients
 * - ENVELOPE-3: an envelope that was cut, altered or extended opens to nothing: `ERR_LETHE_FORGED`, and not a byte
 *   of plaintext. The streams are the exception: see there
 * - ENVELOPE-4: what is read is canonical: an envelope has one form, and nothing can be added to it unseen, but for white space
 *   around the text form and CR at the ends of its lines
 *
 * It is not promised that an envelope comes from a certain sender: everybody who knows a recipient can seal to
 * it. A passphrase is the exception. Nor are the recipients hidden from each other, in number and type.
 */
export interface Envelopes {
  /**
   * A new X25519 identity, whose private key is born in secret memory. Yours to destroy.
   *
   * @throws {LetheError} what the memory throws: `ERR_LETHE_EXHAUSTED`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * console.log(identity.recipient); // age1…
   * identity.destroy();
   * ```
   */
  createIdentity(): AgeIdentity;
  /**
   * The private keys of a file of `age-keygen`, or the SSH key of a file of OpenSSH (Ed25519 or RSA). Yours to destroy.
   *
   * @param source the file's bytes. A `Uint8Array` is wiped when it was read, and untouched on an error; take it from
   * {@link offHeapBytes}. A secret stays yours
   * @throws {LetheError} `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_UNSUPPORTED`, and for an SSH key what {@link parseKey} throws
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const made = envelopes.createIdentity();
   * const file = envelopes.formatIdentity(made); // as read from a file of age-keygen
   * const [identity] = envelopes.parseIdentities(file);
   * console.log(identity?.recipient === made.recipient); // true
   * for (const secret of [made, file, identity]) secret?.destroy();
   * ```
   */
  parseIdentities(source: SecretInput, options?: ParseIdentitiesOptions): readonly AgeIdentity[];
  /**
   * The identity of a private key that {@link parseKey} of `lethe/keys` read: X25519, Ed25519 or RSA. It holds a copy of the key,
   * which stays yours.
   *
   * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for EC keys, and RSA keys of less than 2048 bits
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   * import { openCrypto } from "lethe/crypto";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const key = openCrypto(secrets).agreeKeyPair(); // or from parseKey() of lethe/keys
   * const identity = envelopes.useKey({ type: "x25519", bits: 256, ...key });
   * key.secretKey.destroy(); // the identity has a copy
   * identity.destroy();
   * ```
   */
  useKey(
    key: Pick<PrivateKey, "type" | "bits" | "secretKey"> & { readonly publicKey: Uint8Array },
  ): AgeIdentity;
  /**
   * An X25519 identity as `AGE-SECRET-KEY-1…`, in a secret, for a file.
   *
   * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for an SSH key; `ERR_LETHE_DESTROYED`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * const text = envelopes.formatIdentity(identity);
   * text.byteLength; // 74; write it to a file inside text.expose()
   * for (const secret of [text, identity]) secret.destroy();
   * ```
   */
  formatIdentity(identity: AgeIdentity): SecretBuffer;
  /**
   * Somebody to seal to: `age1…`, or a public key as OpenSSH has it on a line (`ssh-ed25519`, `ssh-rsa`).
   *
   * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for anything else, without quoting it
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const to = envelopes.parseRecipient(
   *   "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
   * );
   * await envelopes.seal(secrets.random(32), [to]);
   * ```
   */
  parseRecipient(text: string | Uint8Array): Recipient;
  /**
   * Everybody who knows a passphrase. It seals and opens; both block, some two seconds as it is by default.
   *
   * @param passphrase stays yours; it must live as long as the wrapper is used
   * @throws {LetheError} `ERR_LETHE_KEY_INVALID` for nothing but zeros
   * @throws {TypeError | RangeError} for another argument
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const passphrase = secrets.random(20); // from promptSecret()
   * const wrapper = envelopes.usePassphrase(passphrase, { logWork: 14 });
   * const envelope = await envelopes.seal(secrets.random(32), [wrapper]);
   * const secret = await envelopes.open(envelope, [wrapper]);
   * for (const one of [passphrase, secret]) one.destroy();
   * ```
   */
  usePassphrase(passphrase: SecretBuffer, options?: PassphraseOptions): KeyWrapper;
  /**
   * Seals a secret, or plain bytes, which stay as they are.
   *
   * @throws {LetheError} `ERR_LETHE_WRAPPER` when a recipient cannot wrap
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * const to = envelopes.parseRecipient(identity.recipient); // age1…
   * const envelope = await envelopes.seal(secrets.random(32), [to]);
   * const secret = await envelopes.open(envelope, [identity]);
   * secret.byteLength; // 32
   * identity.destroy();
   * ```
   */
  seal(
    secret: SecretInput,
    recipients: readonly Recipient[],
    options?: SealOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * What was sealed, in a new secret. The identities are asked one after another.
   *
   * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`, `ERR_LETHE_ENVELOPE_ADDRESS`, `ERR_LETHE_ENVELOPE_CONTEXT`,
   * `ERR_LETHE_FORGED`, `ERR_LETHE_KEY_COST`, `ERR_LETHE_WRAPPER`
   * @throws {RangeError} for an authentic envelope of nothing, which no secret can hold
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * const context = new TextEncoder().encode("database, version 3");
   * const envelope = await envelopes.seal(secrets.random(32), [identity], { context });
   * const secret = await envelopes.open(envelope, [identity], { context });
   * for (const one of [identity, secret]) one.destroy();
   * ```
   */
  open(
    envelope: Uint8Array,
    identities: readonly Identity[],
    options?: OpenOptions,
  ): Promise<SecretBuffer>;
  /**
   * Seals what is piped through it, in chunks of 64 KiB, of any length. Bytes that come in are wiped once they are
   * taken, secrets destroyed; in between plaintext lies in secret memory alone. A failing recipient is an error of the output.
   *
   * @throws {TypeError | RangeError} for wrong arguments
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * const sealed = ReadableStream.from([secrets.random(100)]).pipeThrough(
   *   envelopes.sealStream([identity]),
   * );
   * for await (const bytes of sealed) bytes.length; // ciphertext, for a file or a socket
   * identity.destroy();
   * ```
   */
  sealStream(
    recipients: readonly Recipient[],
    options?: SealStreamOptions,
  ): StreamPair<Uint8Array<ArrayBuffer>>;
  /**
   * Opens the bytes of an envelope as they come: a secret a chunk, which the reader destroys. Each chunk was authentic
   * and in its place; that the envelope was whole is known only when the stream ends.
   *
   * @returns a pair whose output fails with what {@link Envelopes.open} throws; with `ERR_LETHE_FORGED` where the payload
   * was altered, cut or extended, behind the chunks that were not
   * @throws {TypeError | RangeError} for wrong arguments
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * const envelope = await envelopes.seal(secrets.random(200_000), [identity]);
   * const opened = ReadableStream.from([envelope]).pipeThrough(envelopes.openStream([identity]));
   * let length = 0;
   * for await (const chunk of opened) {
   *   length += chunk.byteLength;
   *   chunk.destroy();
   * }
   * console.log(length); // 200000
   * identity.destroy();
   * ```
   */
  openStream(identities: readonly Identity[], options?: OpenOptions): StreamPair<SecretBuffer>;
  /**
   * What the head of an envelope says. It needs no key, and proves nothing.
   *
   * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`, `ERR_LETHE_FORGED` for a length that no payload has
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const identity = envelopes.createIdentity();
   * const envelope = await envelopes.seal(secrets.random(32), [identity]);
   * const { recipients, payloadBytes } = envelopes.inspect(envelope);
   * console.log(recipients[0]?.type, payloadBytes); // X25519 32
   * identity.destroy();
   * ```
   */
  inspect(envelope: Uint8Array): EnvelopeFacts;
  /**
   * The same envelope for other recipients: a new head before the same payload, under the same file key. A recipient of
   * the old one who kept that key can open the new one: to shut somebody out use {@link Envelopes.reseal},
   * and change the secret. The payload is not looked at.
   *
   * @throws {LetheError} what {@link Envelopes.open} throws of the head, and {@link Envelopes.seal} of the recipients
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const [old, next] = [envelopes.createIdentity(), envelopes.createIdentity()];
   * const envelope = await envelopes.seal(secrets.random(32), [old]);
   * const moved = await envelopes.readdress(envelope, [old], [next]);
   * const secret = await envelopes.open(moved, [next]);
   * for (const one of [old, next, secret]) one.destroy();
   * ```
   */
  readdress(
    envelope: Uint8Array,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The same secret and context in a new envelope, under a new file key.
   *
   * @throws {LetheError} what {@link Envelopes.open} and {@link Envelopes.seal} throw
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const [old, next] = [envelopes.createIdentity(), envelopes.createIdentity()];
   * const envelope = await envelopes.seal(secrets.random(32), [old]);
   * const moved = await envelopes.reseal(envelope, [old], [next]);
   * const secret = await envelopes.open(moved, [next]);
   * for (const one of [old, next, secret]) one.destroy();
   * ```
   */
  reseal(
    envelope: Uint8Array,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<Uint8Array<ArrayBuffer>>;
}
