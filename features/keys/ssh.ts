import type { Secrets } from "../../core/contract/secrets.ts";
import type { View } from "./bytes.ts";
import { contextOf } from "./context.ts";
import { type Held, holdKey } from "./held_key.ts";
import type { Material, PublicMaterial } from "./material.ts";
import { rsaPublicKey } from "./pkcs1.ts";

/** What an agent needs: the encoding of SSH, and the private keys that a client sends in it. */
export {
  copyOf,
  isSame,
  isText,
  lengthOfPieces,
  type Piece,
  trimmed,
  u32,
  type View,
  within,
  writePieces,
} from "./bytes.ts";
export type { Held } from "./held_key.ts";
export { parseSshPrivate } from "./openssh.ts";
export {
  type CertifiedKey,
  certificateOfLine,
  isCertificateName,
  parseCertifiedPrivate,
  parseSshCertificate,
  type SshCertificate,
} from "./ssh_certificate.ts";
export { parseSshPublic, SshReader, sshNumber, sshPublicBlob, sshString } from "./ssh_wire.ts";

/**
 * Takes a key that a client sent into a secret of its own, with the checks of {@link parseKey}.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_INVALID`, `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_UNSUPPORTED`
 */
export function holdSshKey(secrets: Secrets, material: Material): Held {
  return holdKey(contextOf(secrets, "add key"), material);
}

/** The bytes of a public key, as {@link PublicKey} has them. */
export function publicKeyOf(material: PublicMaterial): View {
  return material.type === "rsa" ? rsaPublicKey(material.n, material.e) : material.point;
}
