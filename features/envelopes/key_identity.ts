import { bare } from "../../core/arguments/own.ts";
import type { Recipient } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { checkSecret } from "../crypto/lend.ts";
import { type PrivateKey, type PublicKey, parseKey, parsePublicKey } from "../keys/mod.ts";
import type { View } from "./bytes.ts";
import { type EnvelopeContext, residueOf, useUp, X25519_OPERATIONS } from "./context.ts";
import { toMontgomery } from "./edwards.ts";
import { HeldIdentity, identityOf } from "./identity.ts";
import { refused } from "./recipient_refusal.ts";
import { unwrapSshEd25519, wrapSshEd25519 } from "./ssh_ed25519.ts";
import { type SshPublicKey, sshPublicKey } from "./ssh_key.ts";
import { unwrapSshRsa, wrapSshRsa } from "./ssh_rsa.ts";
import { agree } from "./x25519.ts";

/** A line of OpenSSH as a recipient. */
export function sshRecipient(context: EnvelopeContext, line: View): Recipient {
  const key = usable(context, parsePublicKey(line));
  return Object.freeze({ ...described(context, key), wrap: wrapOf(context, key) });
}

/** The identity of a key, of which it holds a copy. */
export function identityOfKey(
  context: EnvelopeContext,
  key: Pick<PrivateKey, "type" | "bits" | "publicKey" | "secretKey">,
): HeldIdentity {
  const byteLength = SECRET_BYTES[key.type];
  if (byteLength !== undefined) checkSecret(key.secretKey, "use key", "its secretKey", byteLength);
  if (key.type === "x25519")
    return owning(key.secretKey.clone(), (own) => identityOf(context, own));
  const ssh = usable(context, key);
  return owning(
    key.secretKey.clone(),
    (secretKey) =>
      new HeldIdentity({
        ...described(context, ssh),
        recipient: ssh.line,
        secretKey,
        wrap: wrapOf(context, ssh),
        unwrap:
          ssh.type === "ssh-rsa"
            ? unwrapSshRsa(context, ssh, secretKey)
            : unwrapSshEd25519(context, ssh, secretKey),
      }),
  );
}

const SECRET_BYTES: Readonly<Partial<Record<PrivateKey["type"], number>>> = bare({
  ed25519: 64,
  x25519: 32,
});

/** The key of a file of OpenSSH, PKCS#8 and the like, as an identity. */
export function identityOfKeyFile(
  context: EnvelopeContext,
  file: SecretBuffer,
  passphrase: SecretBuffer | undefined,
): HeldIdentity {
  const key = parseKey(context.secrets, file, passphrase === undefined ? {} : { passphrase });
  return useUp(key.secretKey, () => identityOfKey(context, key));
}

function wrapOf(context: EnvelopeContext, key: SshPublicKey): Recipient["wrap"] {
  return key.type === "ssh-rsa" ? wrapSshRsa(context, key) : wrapSshEd25519(context, key);
}

function described(context: EnvelopeContext, { type, line }: SshPublicKey) {
  const operations = type === "ssh-rsa" ? RSA_OPERATIONS : X25519_OPERATIONS;
  const residue = residueOf(context, operations);
  return { name: line, version: null, residue } as const;
}

/** Its numbers are computed with here; the engine makes the seed. */
const RSA_OPERATIONS = ["keyed-hash"] as const;

/** Refuses an Ed25519 key that is not a point of the curve, or of low order. */
function usable(
  context: EnvelopeContext,
  key: Pick<PublicKey, "type" | "bits" | "publicKey">,
): SshPublicKey {
  const ssh = sshPublicKey(context, key);
  if (ssh.type === "ssh-rsa") return ssh;
  const point = toMontgomery(ssh.publicKey);
  const shared =
    point === null
      ? null
      : useUp(context.secrets.random(32), (secret) => agree(context, secret, point));
  if (shared === null)
    throw refused("its Ed25519 public key is not a point of the curve, or is of low order");
  shared.destroy();
  return ssh;
}

/** Lends a secret to `use`, which keeps it, unless it throws. */
export function owning<T>(secretKey: SecretBuffer, use: (secretKey: SecretBuffer) => T): T {
  try {
    return use(secretKey);
  } catch (error) {
    secretKey.destroy();
    throw error;
  }
}
