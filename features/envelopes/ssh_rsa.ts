import { FILE_KEY_BYTES, type Identity, type Recipient } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { lend } from "../crypto/lend.ts";
import { parsePkcs1, parsePkcs1Public } from "../keys/pkcs1.ts";
import type { RsaNumbers } from "../keys/primitives/rsa_numbers.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import { joined, type View } from "./bytes.ts";
import { type EnvelopeContext, freshSecret, useUp } from "./context.ts";
import { malformedStanza } from "./refusal.ts";
import { oaepDecrypt, oaepEncrypt, rsaOaepRoom } from "./rsa_oaep.ts";
import { isTag, type SshPublicKey } from "./ssh_key.ts";

const TYPE = "ssh-rsa";
const LABEL = joined(ascii("age-encryption.org/v1/ssh-rsa"));

/** RSAES-OAEP with an RSA key of SSH: as `age` has it. */
export function wrapSshRsa(context: EnvelopeContext, key: SshPublicKey): Recipient["wrap"] {
  const { n, e } = parsePkcs1Public(key.publicKey) as Pick<RsaNumbers, "n" | "e">;
  return (fileKey) => {
    const body = new Uint8Array(new ArrayBuffer(n.length));
    useUp(freshSecret(context, fileKey), (seed) =>
      withWorkspace(context.secrets, rsaOaepRoom(n.length), (space) =>
        lend([seed, fileKey], (seed, fileKey) =>
          oaepEncrypt({ n, e }, LABEL, fileKey, seed, body, space),
        ),
      ),
    );
    return [{ args: [TYPE, key.tag], body }];
  };
}

/** @param secretKey RSAPrivateKey in DER */
export function unwrapSshRsa(
  context: EnvelopeContext,
  key: SshPublicKey,
  secretKey: SecretBuffer,
): Identity["unwrap"] {
  const { n } = parsePkcs1Public(key.publicKey) as Pick<RsaNumbers, "n">;
  return (stanzas, land) => {
    for (const { args, body } of stanzas) {
      if (args[0] !== TYPE) continue;
      if (args.length !== 2 || !isTag(args[1])) throw malformedStanza(TYPE);
      if (args[1] !== key.tag) continue;
      if (body.length !== n.length) throw malformedStanza(TYPE);
      let authentic = false;
      const fileKey = land(FILE_KEY_BYTES, (bytes) => {
        authentic = decrypt(context, secretKey, body, bytes);
      });
      if (authentic) return fileKey;
      fileKey.destroy();
      return null; // no other of this tag: see SshPublicKey.tag
    }
    return null;
  };
}

function decrypt(
  { secrets }: EnvelopeContext,
  secretKey: SecretBuffer,
  body: View,
  target: View,
): boolean {
  return withWorkspace(secrets, rsaOaepRoom(body.length), (space) =>
    lend([secretKey], (der) => {
      const numbers = parsePkcs1(der as View) as RsaNumbers; // a key of lethe/keys has all of them
      return oaepDecrypt(secrets, numbers, LABEL, body, target, space);
    }),
  );
}
