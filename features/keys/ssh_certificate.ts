import { ascii } from "../../core/sealed_key_mark.ts";
import { copyOf, isSame, type View, within } from "./bytes.ts";
import { decodeBase64 } from "./decode_base64.ts";
import type { Material, PublicMaterial } from "./material.ts";
import { ed25519Fields } from "./openssh.ts";
import { damaged, invalid, wrongFormat } from "./refusal.ts";
import { publicFields, SshReader, typeOfSshName } from "./ssh_wire.ts";

/** A certificate of OpenSSH (PROTOCOL.certkeys): a public key, and who vouches for it. All of it is public. */
export interface SshCertificate {
  readonly publicKey: PublicMaterial;
  /** The key of the authority, on the wire. */
  readonly authority: View;
  /** What the authority signed. */
  readonly signed: View;
  readonly signature: View;
}

/** A private key with its certificate. */
export interface CertifiedKey {
  readonly material: Material;
  readonly certificate: SshCertificate;
  /** The certificate on the wire: no part of the request that it came in. */
  readonly blob: View;
}

const SUFFIX = ascii("-cert-v01@openssh.com");
/** The kinds: of a user and of a host. */
const KINDS = [1, 2];

/** Whether it is the name of a type of certificates, also of one that is not known here. */
export function isCertificateName(name: View): boolean {
  const start = name.length - SUFFIX.length;
  return start > 0 && isSame(within(name, start), SUFFIX);
}

/**
 * Reads a certificate. Its signature, its times and whom it is for are not looked at: whoever it is shown to does that.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_UNSUPPORTED`
 */
export function parseSshCertificate(blob: View): SshCertificate {
  const reader = new SshReader(blob);
  const type = certifiedType(reader.string());
  reader.string(); // a nonce of the authority
  const publicKey = publicFields(reader, type);
  reader.take(8); // the serial number
  if (!KINDS.includes(reader.u32())) throw damaged("the kind of its certificate");
  reader.string(); // what the authority calls it
  checkStrings(reader.string(), 1); // for whom
  reader.take(16); // from when until when
  checkStrings(reader.string(), 2); // critical options and their values
  checkStrings(reader.string(), 2); // extensions
  reader.string(); // reserved
  const authority = reader.string();
  const signed = within(blob, 0, blob.length - reader.rest.length);
  const signature = reader.string();
  reader.end();
  // A certificate vouches for no other.
  if (isCertificateName(new SshReader(authority).string())) throw damaged("its certificate");
  return { publicKey, authority, signed, signature };
}

/**
 * The certificate on the wire, of the line that `ssh-keygen -s` writes into `NAME-cert.pub`.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for another text, `ERR_LETHE_KEY_DAMAGED` for base64 that is none
 */
export function certificateOfLine(text: View, verb: string): View {
  const ends = (byte: number): boolean => byte <= SPACE;
  const afterName = text.findIndex(ends);
  if (afterName < 0 || !isCertificateName(within(text, 0, afterName))) {
    throw wrongFormat("it is not a certificate; pass the content of NAME-cert.pub", verb);
  }
  const rest = within(text, afterName + 1);
  const length = rest.findIndex(ends);
  return decodeBase64(within(rest, 0, length < 0 ? rest.length : length), "its certificate");
}

const SPACE = 32;

/**
 * The fields of a private key with a certificate, from its name on, as `ssh-add` sends them (PROTOCOL.agent).
 *
 * - CERT-1: the private key is that of the certificate; a certificate of another type or key is refused
 */
export function parseCertifiedPrivate(reader: SshReader): CertifiedKey {
  const type = certifiedType(reader.string());
  const blob = copyOf(reader.string());
  const certificate = parseSshCertificate(blob);
  const { publicKey } = certificate;
  if (publicKey.type !== type) throw otherKey();
  return { material: privateFields(reader, publicKey), certificate, blob };
}

/** What is checked later: that numbers of RSA belong together, and that a scalar's point is the stated one. */
function privateFields(reader: SshReader, publicKey: PublicMaterial): Material {
  if (publicKey.type === "rsa") {
    const [d, qi] = [reader.unsigned(), reader.unsigned()];
    const [p, q] = [reader.unsigned(), reader.unsigned()];
    return { ...publicKey, d, p, q, dp: null, dq: null, qi };
  }
  const { type, point } = publicKey;
  if (type === "p256" || type === "p384" || type === "p521") {
    return { type, scalar: reader.unsigned(), stated: point };
  }
  const material = ed25519Fields(reader);
  if (!isSame(material.stated, point)) throw otherKey();
  return material;
}

/** The type of the key in a certificate of that name. */
function certifiedType(name: View): PublicMaterial["type"] {
  if (!isCertificateName(name)) throw damaged("the name of its certificate");
  return typeOfSshName(within(name, 0, name.length - SUFFIX.length));
}

/** @param each how many belong together */
function checkStrings(bytes: View, each: number): void {
  const reader = new SshReader(bytes);
  while (!reader.done) for (let count = 0; count < each; count++) reader.string();
}

function otherKey(): Error {
  return invalid("its certificate is that of another key; add the certificate of this one");
}
