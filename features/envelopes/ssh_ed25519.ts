import type { Identity, Recipient } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { born, lend } from "../crypto/lend.ts";
import { Hasher } from "../keys/primitives/hash.ts";
import { SHA512 } from "../keys/primitives/sha512.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import { toBase64 } from "./base64.ts";
import { joined, type View } from "./bytes.ts";
import {
  type EnvelopeContext,
  freshSecret,
  openFileKey,
  sealFileKey,
  useUp,
  withWrapKey,
} from "./context.ts";
import { toMontgomery } from "./edwards.ts";
import { malformedStanza } from "./refusal.ts";
import { isTag, type SshPublicKey } from "./ssh_key.ts";
import { agree, publicKeyOf, SHARE_BYTES, shareOf } from "./x25519.ts";

const TYPE = "ssh-ed25519";
const INFO = joined(ascii("age-encryption.org/v1/ssh-ed25519"));

/** X25519 with an Ed25519 key of SSH, changed by its encoding: as `age` has it. */
export function wrapSshEd25519(context: EnvelopeContext, key: SshPublicKey): Recipient["wrap"] {
  const publicKey = toMontgomery(key.publicKey) as View; // checked when it was read
  const tweak = tweakOf(context, key.wire);
  return (fileKey) =>
    useUp(freshSecret(context, fileKey), (ephemeral) => {
      const share = publicKeyOf(context, ephemeral);
      const shared = agreeTwice(context, ephemeral, publicKey, tweak);
      if (shared === null) throw malformedStanza(TYPE);
      const body = withWrapKey(
        context,
        shared,
        { salt: joined(share, publicKey), info: INFO },
        (wrapKey) => sealFileKey(context, wrapKey, fileKey),
      );
      return [{ args: [TYPE, key.tag, toBase64(share)], body }];
    });
}

/** @param secretKey seed and public key, 64 bytes */
export function unwrapSshEd25519(
  context: EnvelopeContext,
  key: SshPublicKey,
  secretKey: SecretBuffer,
): Identity["unwrap"] {
  const publicKey = toMontgomery(key.publicKey) as View;
  const tweak = tweakOf(context, key.wire);
  return (stanzas, land) => {
    for (const stanza of stanzas) {
      if (stanza.args[0] !== TYPE) continue;
      const share = shareOf(stanza, 3);
      if (!isTag(stanza.args[1])) throw malformedStanza(TYPE);
      if (stanza.args[1] !== key.tag) continue;
      const shared = useUp(scalarOf(context, secretKey), (scalar) =>
        agreeTwice(context, scalar, share, tweak),
      );
      if (shared === null) throw malformedStanza(TYPE);
      // No other of this tag is tried: see SshPublicKey.tag.
      return withWrapKey(
        context,
        shared,
        { salt: joined(share, publicKey), info: INFO },
        (wrapKey) => openFileKey(context, wrapKey, stanza.body, land),
      );
    }
    return null;
  };
}

/** Public: it depends on the public key alone. */
function tweakOf({ engine }: EnvelopeContext, wire: View): View {
  const [extracted, tweak] = [new Uint8Array(32), new Uint8Array(new ArrayBuffer(32))];
  engine.hmacSha256(extracted, new Uint8Array(0), wire);
  engine.hmacSha256(tweak, joined(INFO, [1]), extracted);
  return tweak;
}

/** X25519(tweak, X25519(secret key, public key)); null for a public key of low order. */
function agreeTwice(
  context: EnvelopeContext,
  secretKey: SecretBuffer,
  publicKey: View,
  tweak: View,
): SecretBuffer | null {
  const { engine, secrets } = context;
  const first = agree(context, secretKey, publicKey);
  if (first === null) return null;
  return useUp(first, () =>
    born(secrets, SHARE_BYTES, (bytes) =>
      lend([first], (point) => {
        engine.agree(bytes, tweak, point);
      }),
    ),
  );
}

/** The scalar of an Ed25519 key (RFC 8032, section 5.1.5); X25519 sets its fixed bits itself. */
function scalarOf({ secrets }: EnvelopeContext, secretKey: SecretBuffer): SecretBuffer {
  return born(secrets, SHARE_BYTES, (scalar) =>
    withWorkspace(secrets, Hasher.room(SHA512), (space) => {
      const hasher = new Hasher(SHA512, space);
      lend([secretKey], (bytes) => {
        const { buffer, byteOffset } = bytes as View;
        hasher.update(new Uint8Array(buffer, byteOffset, SHARE_BYTES));
      });
      hasher.digest(scalar);
    }),
  );
}
