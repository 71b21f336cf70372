import type { SecretBuffer } from "./secret_buffer.ts";

/** Bytes of the key of one envelope, which wrappers wrap. */
export const FILE_KEY_BYTES = 16;

/**
 * A file key as one recipient gets it (C2SP age, "Recipient stanza"). Public: it stands in the open at the head of
 * an envelope.
 */
export interface Stanza {
  /** The type, and what else its type has: printable ASCII without spaces, at least one character each. */
  readonly args: readonly [type: string, ...rest: string[]];
  /** Ciphertext. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A value now or later. Wrappers that compute give it now, those that ask another process or a network later. */
export type Awaitable<T> = T | Promise<T>;

/**
 * Makes a secret and lends its pages to `fill`, for that call alone: the one way in for bytes from elsewhere.
 *
 * @throws what `fill` throws; there is then no secret
 */
export type Land = (
  byteLength: number,
  fill: (bytes: Uint8Array<ArrayBuffer>) => void,
) => SecretBuffer;

/** What both sides of a wrapper say of themselves. */
export interface WrapperDescription {
  /** Which key it is, for people and logs: `age1…`, `ssh-ed25519 SHA256:…`. Public. */
  readonly name: string;
  /** Which version of that key, where it has versions; else null. */
  readonly version: string | null;
  /** What a call leaves in the memory of which process, measured; null: nothing, as far as was measured. */
  readonly residue: string | null;
}

/** The side that seals: it needs no secret where its key has a public half. */
export interface Recipient extends WrapperDescription {
  /** Whether nothing may stand beside its stanza; age has that for passphrases. Default: false. */
  readonly alone?: boolean;
  /**
   * Wraps a file key, which stays the caller's.
   *
   * - WRAP-1: it gives at least one stanza, each of which a matching {@link Identity} unwraps to the same key
   * - WRAP-7: the file key is afterwards as it was
   * - WRAP-2: two calls give different stanzas, so that nobody sees that two envelopes have one key
   *
   * @throws {LetheError} `ERR_LETHE_WRAPPER` when something outside of this library fails
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { type KeyWrapper, openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const inner = envelopes.createIdentity();
   * // A wrapper that counts: what a service does would stand where it asks the inner one.
   * let calls = 0;
   * const counting: KeyWrapper = {
   *   name: "counting",
   *   version: null,
   *   residue: null,
   *   wrap(fileKey) {
   *     calls += 1;
   *     return inner.wrap(fileKey);
   *   },
   *   unwrap: (stanzas, land) => inner.unwrap(stanzas, land),
   * };
   * const envelope = await envelopes.seal(secrets.random(32), [counting]);
   * const secret = await envelopes.open(envelope, [counting]);
   * console.log(calls, secret.byteLength); // 1 32
   * for (const one of [inner, secret]) one.destroy();
   * ```
   */
  wrap(fileKey: SecretBuffer): Awaitable<readonly Stanza[]>;
}

/** The side that opens. */
export interface Identity extends WrapperDescription {
  /**
   * Looks among all the stanzas of an envelope for one that it can unwrap.
   *
   * - WRAP-3: it gives null where every stanza is of another type or key, and no key for one that is not authentic
   * - WRAP-4: it gives no key for a stanza of its type whose arguments or body have a wrong form or length: an
   *   `ERR_LETHE_ENVELOPE_FORMAT`, before anything is decrypted
   * - WRAP-5: the key comes through `land` and is the caller's to destroy; the wrapper keeps no other secret
   *
   * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`; `ERR_LETHE_WRAPPER` when something outside fails
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { type KeyWrapper, openEnvelopes } from "lethe/envelopes";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const inner = envelopes.createIdentity();
   * // A wrapper that counts: what a service does would stand where it asks the inner one.
   * let calls = 0;
   * const counting: KeyWrapper = {
   *   name: "counting",
   *   version: null,
   *   residue: null,
   *   wrap(fileKey) {
   *     calls += 1;
   *     return inner.wrap(fileKey);
   *   },
   *   unwrap: (stanzas, land) => inner.unwrap(stanzas, land),
   * };
   * const envelope = await envelopes.seal(secrets.random(32), [counting]);
   * const secret = await envelopes.open(envelope, [counting]);
   * console.log(calls, secret.byteLength); // 1 32
   * for (const one of [inner, secret]) one.destroy();
   * ```
   */
  unwrap(stanzas: readonly Stanza[], land: Land): Awaitable<SecretBuffer | null>;
}

/**
 * The port that holds the keys of envelopes: a file, a token, a plugin, a service. {@link Recipient} and
 * {@link Identity} of one key.
 *
 * - WRAP-6: no error and no stanza quotes the file key, a PIN, a passphrase or a private key
 */
export interface KeyWrapper extends Recipient, Identity {}
