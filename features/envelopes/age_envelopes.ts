import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions, readRecord } from "../../core/arguments/options.ts";
import { checkLive } from "../../core/check_live.ts";
import {
  FILE_KEY_BYTES,
  type Identity,
  type KeyWrapper,
  type Recipient,
} from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import { type StreamPair, streamPair } from "../../core/stream_pair.ts";
import { adoptingUntil, born, lend, lengthOfMessage, messageOf } from "../crypto/lend.ts";
import type { PrivateKey } from "../keys/mod.ts";
import { address, checkTogether, unwrapFileKey } from "./address.ts";
import { contextGiven, identitiesOf, recipientsOf } from "./arguments.ts";
import { armor, isArmored, unarmor } from "./armor.ts";
import { copyOf, joined, type View, within } from "./bytes.ts";
import { type EnvelopeContext, useUp } from "./context.ts";
import type { Envelopes } from "./envelopes.ts";
import type { EnvelopeFacts } from "./facts.ts";
import { type Header, parseHeader } from "./header.ts";
import { type AgeIdentity, formatIdentity, HeldIdentity, identityOf } from "./identity.ts";
import { identityOfKey, owning } from "./key_identity.ts";
import type {
  OpenOptions,
  ParseIdentitiesOptions,
  SealOptions,
  SealStreamOptions,
} from "./options.ts";
import { parseIdentities } from "./parse_identities.ts";
import { type PassphraseOptions, wrapperOfPassphrase } from "./passphrase.ts";
import {
  openPayload,
  PAYLOAD_NONCE_BYTES,
  payloadKey,
  payloadLength,
  payloadNonce,
  plaintextLength,
  sealPayload,
} from "./payload.ts";
import { checkContext, contextOf } from "./public_context.ts";
import { parseRecipient } from "./recipient.ts";
import { forged } from "./refusal.ts";
import { type OpeningBy, openChunks, type SealingTo, sealChunks } from "./streams.ts";

/** {@link Envelopes} in the format of age. */
export class AgeEnvelopes implements Envelopes {
  readonly #context: EnvelopeContext;

  constructor(context: EnvelopeContext) {
    this.#context = context;
  }

  createIdentity(): AgeIdentity {
    const { secrets } = this.#context;
    return owning(secrets.random(32), (secretKey) => identityOf(this.#context, secretKey));
  }

  useKey(key: Parameters<Envelopes["useKey"]>[0]): AgeIdentity {
    const own = readRecord(key, "use key", "key", ["type", "bits", "publicKey", "secretKey"]);
    if (!isSecretBuffer(own.secretKey)) {
      throw wrongType(
        `Cannot use key as key must come from parseKey(): its secretKey is ${kindOf(own.secretKey)}`,
      );
    }
    return identityOfKey(this.#context, own as PrivateKey);
  }

  parseIdentities(source: SecretInput, options?: ParseIdentitiesOptions): readonly AgeIdentity[] {
    return parseIdentities(this.#context, source, options);
  }

  formatIdentity(identity: AgeIdentity): SecretBuffer {
    if (HeldIdentity.is(identity)) return formatIdentity(this.#context, identity);
    throw wrongKind(
      `Cannot format identity as it must come from createIdentity() or parseIdentities()`,
      identity,
    );
  }

  parseRecipient(text: string | Uint8Array): Recipient {
    return parseRecipient(this.#context, text);
  }

  usePassphrase(passphrase: SecretBuffer, options?: PassphraseOptions): KeyWrapper {
    return wrapperOfPassphrase(this.#context, passphrase, options);
  }

  async seal(
    secret: SecretInput,
    recipients: readonly Recipient[],
    options?: SealOptions,
  ): Promise<View> {
    const { context, armor: asText = false } = readOptions(options, "seal", ["context", "armor"]);
    const list = recipientsOf(recipients, "seal");
    const publicContext = contextGiven(context, "seal");
    if (typeof asText !== "boolean") throw wrongType("Cannot seal as armor must be a boolean");
    return await adoptingUntil(this.#context.secrets, [secret], async (own) => {
      const message = messageOf(own, "seal", "secret");
      // Misuse. One that is destroyed while recipients are asked may have been purged.
      if (isSecretBuffer(message) && message.state === "destroyed") message.expose(() => undefined);
      const sealed = await this.#seal(message, list, publicContext);
      return asText ? armor(sealed) : sealed;
    });
  }

  async #seal(
    message: SecretBuffer | Uint8Array,
    recipients: readonly Recipient[],
    publicContext: View | null,
  ): Promise<View> {
    const own = this.#context;
    const fileKey = own.secrets.random(FILE_KEY_BYTES);
    const byteLength = lengthOfMessage(message);
    try {
      const header = await address(own, fileKey, recipients, publicContext);
      checkLive(fileKey, "seal");
      if (isSecretBuffer(message))
        checkLive(message, "seal", "its secret was destroyed while recipients were asked");
      if (lengthOfMessage(message) !== byteLength) throw changed("seal", "secret");
      const envelope = new Uint8Array(new ArrayBuffer(header.length + payloadLength(byteLength)));
      envelope.set(header);
      lend([message], (bytes) => {
        const nonce = payloadNonce(own, fileKey, bytes);
        envelope.set(nonce, header.length);
        const target = within(envelope, header.length + PAYLOAD_NONCE_BYTES);
        useUp(payloadKey(own, fileKey, nonce), (key) =>
          lend([key], (key) => sealPayload(own, key, bytes as View, target)),
        );
      });
      return envelope;
    } finally {
      fileKey.destroy();
    }
  }

  async open(
    envelope: Uint8Array,
    identities: readonly Identity[],
    options?: OpenOptions,
  ): Promise<SecretBuffer> {
    const { context } = readOptions(options, "open", ["context"]);
    const bytes = bytesOf(envelope, "open");
    const list = identitiesOf(identities, "open");
    const wanted = contextGiven(context, "open");
    const header = parseHeader(bytes);
    const fileKey = await unwrapFileKey(this.#context, header, list);
    checkLive(fileKey, "open envelope");
    return useUp(fileKey, () => {
      checkContext(header.stanzas, wanted);
      return this.#openPayload(payloadOf(bytes, header, "open"), fileKey);
    });
  }

  #openPayload(payload: View, fileKey: SecretBuffer): SecretBuffer {
    const own = this.#context;
    const byteLength = plaintextLength(payload.length);
    const nonce = copyOf(within(payload, 0, PAYLOAD_NONCE_BYTES));
    const sealed = within(payload, PAYLOAD_NONCE_BYTES);
    return useUp(payloadKey(own, fileKey, nonce), (key) => {
      const into = (message: View): void => {
        const good = lend([key], (key) => openPayload(own, key, sealed, message));
        if (!good) throw forged("its payload is not authentic");
      };
      if (byteLength > 0) return born(own.secrets, byteLength, into);
      into(new Uint8Array(new ArrayBuffer(0)));
      throw outOfRange(
        "Cannot open envelope into a secret as nothing was sealed in it; use openStream() where that may be",
      );
    });
  }

  sealStream(recipients: readonly Recipient[], options?: SealStreamOptions): StreamPair<View> {
    const { context } = readOptions(options, "seal stream", ["context"]);
    const to: SealingTo = {
      recipients: recipientsOf(recipients, "seal stream"),
      publicContext: contextGiven(context, "seal stream"),
    };
    checkTogether(to.recipients, to.publicContext);
    return streamPair<SecretInput, View>((source) => sealChunks(this.#context, to, source));
  }

  openStream(identities: readonly Identity[], options?: OpenOptions): StreamPair<SecretBuffer> {
    const { context } = readOptions(options, "open stream", ["context"]);
    const by: OpeningBy = {
      identities: identitiesOf(identities, "open stream"),
      wanted: contextGiven(context, "open stream"),
    };
    return streamPair<Uint8Array, SecretBuffer>(
      (source) => openChunks(this.#context, by, source),
      (secret) => secret.destroy(),
    );
  }

  inspect(envelope: Uint8Array): EnvelopeFacts {
    const given = publicBytes(envelope, "inspect", "envelope");
    const bytes = isArmored(given) ? unarmor(given) : given;
    const { stanzas, byteLength } = parseHeader(bytes);
    const context = contextOf(stanzas);
    return Object.freeze({
      recipients: Object.freeze(
        stanzas
          .filter(({ body }) => body !== context)
          .map(({ args: [type, ...args] }) => Object.freeze({ type, args: Object.freeze(args) })),
      ),
      context: context === null ? null : copyOf(context),
      headerBytes: byteLength,
      payloadBytes: plaintextLength(bytes.length - byteLength),
      armored: bytes !== given,
    });
  }

  async readdress(
    envelope: Uint8Array,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<View> {
    const bytes = bytesOf(envelope, "readdress");
    const from = identitiesOf(identities, "readdress");
    const to = recipientsOf(recipients, "readdress");
    const header = parseHeader(bytes);
    const payload = copyOf(within(bytes, header.byteLength));
    plaintextLength(payload.length);
    const head = await this.#newHead(header, from, to);
    const whole = joined(head, payload);
    return isArmored(publicBytes(envelope, "readdress", "envelope")) ? armor(whole) : whole;
  }

  async #newHead(
    header: Header,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<View> {
    const fileKey = await unwrapFileKey(this.#context, header, identities);
    try {
      return await address(this.#context, fileKey, recipients, contextOf(header.stanzas));
    } finally {
      fileKey.destroy();
    }
  }

  async reseal(
    envelope: Uint8Array,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<View> {
    const bytes = bytesOf(envelope, "reseal");
    const from = identitiesOf(identities, "reseal");
    const to = recipientsOf(recipients, "reseal");
    const header = parseHeader(bytes);
    const context = contextOf(header.stanzas);
    const isText = isArmored(publicBytes(envelope, "reseal", "envelope"));
    const fileKey = await unwrapFileKey(this.#context, header, from);
    checkLive(fileKey, "reseal envelope");
    const secret = useUp(fileKey, () =>
      this.#openPayload(payloadOf(bytes, header, "reseal"), fileKey),
    );
    try {
      const sealed = await this.#seal(secret, to, context);
      return isText ? armor(sealed) : sealed;
    } finally {
      secret.destroy();
    }
  }
}

/** What stands behind the header, which was parsed some time ago. */
function payloadOf(bytes: View, { byteLength }: Header, verb: string): View {
  if (bytes.length < byteLength) throw changed(verb, "envelope");
  return within(bytes, byteLength);
}

function changed(verb: string, parameter: string): TypeError {
  return wrongType(
    `Cannot ${verb} as ${parameter} must hold its bytes until the promise settles: its buffer was detached or made smaller`,
  );
}

/** The binary form of what was given. */
function bytesOf(envelope: unknown, verb: string): View {
  if (isSecretBuffer(envelope)) {
    throw wrongType(`Cannot ${verb} as envelope must be a Uint8Array: it is a SecretBuffer`);
  }
  const bytes = publicBytes(envelope, verb, "envelope");
  return isArmored(bytes) ? unarmor(bytes) : bytes;
}
