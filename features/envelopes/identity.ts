import { LetheError } from "../../core/contract/errors.ts";
import type { Awaitable, KeyWrapper, Land, Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { disposable } from "../../core/dispose.ts";
import { redact } from "../../core/redact.ts";
import { checkNotZero } from "../crypto/check_key.ts";
import { born } from "../crypto/lend.ts";
import { toText } from "./base64.ts";
import { bech32Decode, bech32Encode, bech32Length } from "./bech32.ts";
import type { View } from "./bytes.ts";
import { type EnvelopeContext, residueOf, X25519_OPERATIONS } from "./context.ts";
import { publicKeyOf, SHARE_BYTES, unwrapX25519, wrapX25519 } from "./x25519.ts";

/** Wraps and unwraps with one private key, which it holds. */
export interface AgeIdentity extends KeyWrapper, Disposable {
  /** What others seal to: `age1…`, or a line of OpenSSH. Public. */
  readonly recipient: string;
  /**
   * Destroys the private key. Repeating it does nothing; it never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   *
   * const identity = openEnvelopes(openSecrets()).createIdentity();
   * identity.destroy();
   * ```
   */
  destroy(): void;
}

/** What makes an {@link AgeIdentity} of a key. */
export interface IdentityParts {
  readonly recipient: string;
  readonly name: string;
  readonly secretKey: SecretBuffer;
  readonly residue: string | null;
  readonly wrap: KeyWrapper["wrap"];
  readonly unwrap: KeyWrapper["unwrap"];
}

export class HeldIdentity implements AgeIdentity {
  readonly #parts: IdentityParts;
  readonly version = null;

  constructor(parts: IdentityParts) {
    this.#parts = parts;
    Object.freeze(this);
  }

  /** Whether it is one of this class, which no other object can claim. */
  static is(value: unknown): value is HeldIdentity {
    return typeof value === "object" && value !== null && #parts in value;
  }

  get recipient(): string {
    return this.#parts.recipient;
  }

  get name(): string {
    return this.#parts.name;
  }

  get residue(): string | null {
    return this.#parts.residue;
  }

  /** The private key: 32 bytes of X25519, or what `lethe/keys` has of an SSH key. */
  static secretKeyOf(identity: HeldIdentity): SecretBuffer {
    return identity.#parts.secretKey;
  }

  wrap(fileKey: SecretBuffer): Awaitable<readonly Stanza[]> {
    return this.#parts.wrap(fileKey);
  }

  unwrap(stanzas: readonly Stanza[], land: Land): Awaitable<SecretBuffer | null> {
    return this.#parts.unwrap(stanzas, land);
  }

  destroy(): void {
    this.#parts.secretKey.destroy();
  }

  declare [Symbol.dispose]: () => void;
}

disposable(HeldIdentity, (identity) => identity.destroy());
redact(HeldIdentity, ({ name }) => `[Identity ${name}]`);

const RECIPIENT = "age";
const IDENTITY = "AGE-SECRET-KEY-";
/** Characters of an X25519 identity. */
export const IDENTITY_LENGTH: number = bech32Length(IDENTITY, SHARE_BYTES);

/** `age1…` of a public key. */
export function formatRecipient(publicKey: Uint8Array): string {
  const text = new Uint8Array(new ArrayBuffer(bech32Length(RECIPIENT, SHARE_BYTES)));
  bech32Encode(RECIPIENT, publicKey, text);
  return toText(text);
}

/** The public key of `age1…`, or null. */
export function readRecipient(text: View): View | null {
  if (text.length !== bech32Length(RECIPIENT, SHARE_BYTES)) return null;
  const publicKey = new Uint8Array(new ArrayBuffer(SHARE_BYTES));
  return bech32Decode(RECIPIENT, text, publicKey) ? publicKey : null;
}

/** The identity of an X25519 key, which then belongs to it. */
export function identityOf(context: EnvelopeContext, secretKey: SecretBuffer): HeldIdentity {
  secretKey.expose((bytes) => checkNotZero(bytes, "use identity", "its private key"));
  const publicKey = publicKeyOf(context, secretKey);
  const recipient = formatRecipient(publicKey);
  return new HeldIdentity({
    recipient,
    name: recipient,
    secretKey,
    residue: residueOf(context, X25519_OPERATIONS),
    wrap: wrapX25519(context, publicKey),
    unwrap: unwrapX25519(context, publicKey, secretKey),
  });
}

/**
 * The key of `AGE-SECRET-KEY-1…`, within a scope; null for what is none. Its time depends on no character behind the prefix.
 */
export function readIdentity({ secrets }: EnvelopeContext, text: View): SecretBuffer | null {
  if (text.length !== IDENTITY_LENGTH) return null;
  let valid = false;
  const secretKey = born(secrets, SHARE_BYTES, (bytes) => {
    valid = bech32Decode(IDENTITY, text, bytes);
  });
  if (valid) return secretKey;
  secretKey.destroy();
  return null;
}

/** `AGE-SECRET-KEY-1…` in a secret. @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for an SSH key */
export function formatIdentity({ secrets }: EnvelopeContext, identity: HeldIdentity): SecretBuffer {
  const secretKey = HeldIdentity.secretKeyOf(identity);
  if (!identity.recipient.startsWith("age1")) {
    throw new LetheError(
      "ERR_LETHE_UNSUPPORTED",
      "Cannot format identity: it is an SSH key; write it with formatKey() of lethe/keys",
    );
  }
  return born(secrets, IDENTITY_LENGTH, (text) =>
    secretKey.expose((bytes) => bech32Encode(IDENTITY, bytes, text)),
  );
}
