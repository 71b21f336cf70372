import type { Identity, KeyWrapper, Recipient } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { EngineOption } from "../../core/engine_choice.ts";
import type { PrivateKey } from "../keys/mod.ts";
import type { AgeIdentity } from "./identity.ts";
import type { PassphraseOptions } from "./passphrase.ts";

/** How to open {@link Envelopes}. The default of `engine` is the choice of the secrets. */
export type EnvelopesOptions = EngineOption;

/** What an envelope is for, and how it is written. */
export interface SealOptions {
  /**
   * 1 to 4096 public bytes that say what the envelope is for, such as a name and a version. They stand in the open at its
   * head, authenticated with it; {@link Envelopes.open} must then be given the same. Not with a passphrase.
   */
  readonly context?: Uint8Array;
  /** Whether the envelope is text (PEM) instead of bytes. Default: false. */
  readonly armor?: boolean;
}

/** What an envelope must be for. */
export interface OpenOptions {
  /** The context that it must have been sealed with. Without it, one that has a context is refused. */
  readonly context?: Uint8Array;
}

/** How an identity file is read. */
export interface ParseIdentitiesOptions {
  /** For an SSH key that is encrypted. */
  readonly passphrase?: SecretBuffer;
}

/** What the head of an envelope says. Nothing of it is authentic before the envelope was opened. */
export interface EnvelopeFacts {
  /** The type of each stanza, and its arguments: who can open it, as far as it says. */
  readonly recipients: readonly { readonly type: string; readonly args: readonly string[] }[];
  /** The context, or null. */
  readonly context: Uint8Array<ArrayBuffer> | null;
  /** Bytes of the header. */
  readonly headerBytes: number;
  /** Bytes that were sealed. */
  readonly payloadBytes: number;
  /** Whether it is text. */
  readonly armored: boolean;
}

/**
 * Envelopes: a secret for one or several recipients, as a file that `age` reads (age-encryption.org/v1).
 *
 * - ENVELOPE-1: plaintext, file key and private keys lie in secret memory alone; what leaves it is ciphertext
 * - ENVELOPE-2: `age` opens what is sealed here, and what `age` sealed is opened here, with the same recipients
 * - ENVELOPE-3: an envelope that was cut, altered or extended opens to nothing: `ERR_LETHE_FORGED`, and not a byte
 *   of plaintext. The streams are the exception: see there
 * - ENVELOPE-4: what is read is canonical: an envelope has one form, and nothing can be added to it unseen
 *
 * It is not promised that an envelope comes from a certain sender: everybody who knows a recipient can seal to
 * it. A passphrase is the exception. Nor are the recipients hidden from each other, in number and type.
 */
export interface Envelopes {
  /** A new X25519 identity, whose private key is born in secret memory. Yours to destroy. */
  createIdentity(): AgeIdentity;
  /**
   * The private keys of a file of `age-keygen`, or the SSH key of a file of OpenSSH (Ed25519 or RSA). Yours to destroy.
   *
   * @param source the file's bytes. A `Uint8Array` is wiped when it was read, and untouched on an error; take it from
   * {@link offHeapBytes}. A secret stays yours
   * @throws {LetheError} `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_UNSUPPORTED`, and for an SSH key what {@link parseKey} throws
   */
  parseIdentities(
    source: SecretBuffer | Uint8Array,
    options?: ParseIdentitiesOptions,
  ): readonly AgeIdentity[];
  /**
   * The identity of a private key that {@link parseKey} of `lethe/keys` read: X25519, Ed25519 or RSA. It holds a copy of the key,
   * which stays yours.
   *
   * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for EC keys, and RSA keys of less than 2048 bits
   */
  useKey(key: PrivateKey): AgeIdentity;
  /** An X25519 identity as `AGE-SECRET-KEY-1…`, in a secret, for a file. */
  formatIdentity(identity: AgeIdentity): SecretBuffer;
  /**
   * Somebody to seal to: `age1…`, or a public key as OpenSSH has it on a line (`ssh-ed25519`, `ssh-rsa`).
   *
   * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for anything else, without quoting it
   */
  parseRecipient(text: string | Uint8Array): Recipient;
  /**
   * Everybody who knows a passphrase. It seals and opens; both block, some two seconds as it is by default.
   *
   * @param passphrase stays yours; it must live as long as the wrapper is used
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
    secret: SecretBuffer | Uint8Array,
    recipients: readonly Recipient[],
    options?: SealOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * What was sealed, in a new secret. The identities are asked one after another.
   *
   * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`, `ERR_LETHE_ENVELOPE_ADDRESS`, `ERR_LETHE_ENVELOPE_CONTEXT`,
   * `ERR_LETHE_FORGED`, `ERR_LETHE_KEY_COST`, `ERR_LETHE_WRAPPER`
   * @throws {RangeError} for an authentic envelope of nothing, which no secret can hold
   */
  open(
    envelope: Uint8Array,
    identities: readonly Identity[],
    options?: OpenOptions,
  ): Promise<SecretBuffer>;
  /** What the head of an envelope says. It needs no key, and proves nothing. */
  inspect(envelope: Uint8Array): EnvelopeFacts;
  /**
   * The same envelope for other recipients: a new head before the same payload, under the same file key. A recipient of
   * the old one who kept that key can open the new one: to shut somebody out use {@link Envelopes.reseal},
   * and change the secret. The payload is not looked at.
   */
  readdress(
    envelope: Uint8Array,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** The same secret and context in a new envelope, under a new file key. */
  reseal(
    envelope: Uint8Array,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<Uint8Array<ArrayBuffer>>;
}
