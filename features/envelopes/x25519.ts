import type { Identity, Land, Recipient, Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { laterTurn } from "../../core/globals.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { born, lend } from "../crypto/lend.ts";
import { argumentBytes, toBase64 } from "./base64.ts";
import { joined, type View } from "./bytes.ts";
import {
  BODY_BYTES,
  type EnvelopeContext,
  freshSecret,
  openFileKey,
  sealFileKey,
  useUp,
  withWrapKey,
} from "./context.ts";
import { malformedStanza } from "./refusal.ts";

/** The type of its stanzas. */
export const X25519 = "X25519";
const TYPE = X25519;
const INFO = joined(ascii("age-encryption.org/v1/X25519"));
export const SHARE_BYTES = 32;

/** X25519 (C2SP age, "The X25519 recipient type"): for whoever has the secret key of `publicKey`. */
export function wrapX25519(context: EnvelopeContext, publicKey: View): Recipient["wrap"] {
  return (fileKey) =>
    useUp(freshSecret(context, fileKey), (ephemeral) => {
      const share = publicKeyOf(context, ephemeral);
      const shared = agree(context, ephemeral, publicKey);
      if (shared === null) throw malformedStanza(TYPE); // refused when the recipient was read
      const body = withWrapKey(
        context,
        shared,
        { salt: joined(share, publicKey), info: INFO },
        (wrapKey) => sealFileKey(context, wrapKey, fileKey),
      );
      return [{ args: [TYPE, toBase64(share)], body }];
    });
}

/** The file key of a stanza of X25519, if one is for this key. */
export function unwrapX25519(
  context: EnvelopeContext,
  publicKey: View,
  secretKey: SecretBuffer,
): Identity["unwrap"] {
  const openFirst = (stanzas: readonly Stanza[], land: Land): SecretBuffer | null => {
    for (const stanza of stanzas) {
      const share = shareOf(stanza, 2);
      const fileKey = openShare(context, { stanza, share, publicKey, secretKey, land });
      if (fileKey !== null) return fileKey;
    }
    return null;
  };
  return (stanzas, land) => {
    const own = stanzas.filter(({ args }) => args[0] === TYPE);
    const fileKey = openFirst(own.slice(0, TRIED_IN_A_TURN), land);
    if (fileKey !== null || own.length <= TRIED_IN_A_TURN) return fileKey;
    return inTurns(own.slice(TRIED_IN_A_TURN), (some) => openFirst(some, land));
  };
}

/**
 * A stanza does not say whose it is, so each is tried: thousands in an envelope for many, or in one that was made to take
 * long. Others get their turn of the event loop between so many.
 */
const TRIED_IN_A_TURN = 32;

async function inTurns(
  stanzas: readonly Stanza[],
  openFirst: (some: readonly Stanza[]) => SecretBuffer | null,
): Promise<SecretBuffer | null> {
  for (let at = 0; at < stanzas.length; at += TRIED_IN_A_TURN) {
    await laterTurn();
    const fileKey = openFirst(stanzas.slice(at, at + TRIED_IN_A_TURN));
    if (fileKey !== null) return fileKey;
  }
  return null;
}

/** Whether a stanza of this type has its form, without the key that would open it. */
export function isX25519(stanza: Stanza): boolean {
  return stanza.args[0] === TYPE && shareIn(stanza, 2) !== null;
}

/** The share, the last of so many arguments. */
export function shareOf(stanza: Stanza, count: number): View {
  const share = shareIn(stanza, count);
  if (share === null) throw malformedStanza(stanza.args[0]);
  return share;
}

function shareIn({ args, body }: Stanza, count: number): View | null {
  if (args.length !== count || body.length !== BODY_BYTES) return null;
  return argumentBytes(args[count - 1], SHARE_BYTES);
}

interface Opening {
  readonly stanza: Stanza;
  readonly share: View;
  readonly publicKey: View;
  readonly secretKey: SecretBuffer;
  readonly land: Land;
}

function openShare(context: EnvelopeContext, opening: Opening): SecretBuffer | null {
  const { stanza, share, publicKey, secretKey, land } = opening;
  const shared = agree(context, secretKey, share);
  if (shared === null) throw malformedStanza(stanza.args[0]); // a point of low order, which nobody sends
  return withWrapKey(context, shared, { salt: joined(share, publicKey), info: INFO }, (wrapKey) =>
    openFileKey(context, wrapKey, stanza.body, land),
  );
}

/** The public key of a secret one. */
export function publicKeyOf({ engine }: EnvelopeContext, secretKey: SecretBuffer): View {
  const publicKey = new Uint8Array(new ArrayBuffer(SHARE_BYTES));
  lend([secretKey], (bytes) => engine.agreePublicKey(publicKey, bytes));
  return publicKey;
}

/** The shared secret; null for a public key of low order. */
export function agree(
  { engine, secrets }: EnvelopeContext,
  secretKey: SecretBuffer,
  publicKey: Uint8Array,
): SecretBuffer | null {
  let agreed = false;
  const shared = born(secrets, SHARE_BYTES, (bytes) => {
    agreed = lend([secretKey], (secretKey) => engine.agree(bytes, secretKey, publicKey));
  });
  if (agreed) return shared;
  shared.destroy();
  return null;
}
