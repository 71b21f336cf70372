import { outOfRange } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { invalidKey } from "../crypto/check_key.ts";
import {
  certificateOfLine,
  copyOf,
  isCertificateName,
  isSame,
  isText,
  parseSshCertificate,
  publicKeyOf,
  type SshCertificate,
  SshReader,
  sshPublicBlob,
  type View,
  within,
} from "../keys/ssh.ts";
import { isSignedBy } from "./signature.ts";

/**
 * Whether the authority signed a certificate, which OpenSSH's agent checks too; not with SHA-1.
 *
 * It cannot be checked for an authority whose key is on a security token (`sk-`), which is taken as it is: servers check it.
 */
export function isSignedByAuthority({ authority, signed, signature }: SshCertificate): boolean {
  const name = new SshReader(authority).string();
  if (isText(within(name, 0, Math.min(name.length, 3)), "sk-")) return true;
  return isSignedBy(authority, signed, signature);
}

/**
 * Reads the certificate of a key that is offered.
 *
 * - CERT-2: it is for this key, and signed by the authority that it names; otherwise nothing is offered
 *
 * @param text of `NAME-cert.pub`
 * @param plain the key on the wire
 * @returns the certificate on the wire
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_KEY_INVALID`, `ERR_LETHE_UNSUPPORTED`
 */
export function readCertificate(text: Uint8Array, plain: View, verb: string): View {
  const line = copyOf(publicBytes(text, verb, "certificate"));
  if (line.length > MOST_TEXT) {
    throw outOfRange(`Cannot ${verb} as certificate must have ${MOST_TEXT} bytes at most`);
  }
  const blob = certificateOfLine(line, verb);
  const certificate = parseSshCertificate(blob);
  const { publicKey } = certificate;
  const own = sshPublicBlob(publicKey.type, publicKeyOf(publicKey));
  if (own === null || !isSame(own, plain)) {
    throw invalidKey(
      verb,
      "its certificate is that of another key; pass the certificate of this one",
    );
  }
  if (isSignedByAuthority(certificate)) return blob;
  throw invalidKey(
    verb,
    "its certificate is not signed by the authority that it names, or is signed with SHA-1; have the key certified again",
  );
}

/** As long as what a client may add. */
const MOST_TEXT = 16_384;

/** The key on the wire that a certificate is for; every other key is its own. */
export function plainBlob(blob: View): View {
  try {
    if (!isCertificateName(new SshReader(blob).string())) return blob;
    const { publicKey } = parseSshCertificate(blob);
    return sshPublicBlob(publicKey.type, publicKeyOf(publicKey)) ?? blob;
  } catch {
    return blob; // what cannot be read is a certificate for nothing
  }
}
