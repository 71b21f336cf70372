import {
  isCertificateName,
  isText,
  parseSshCertificate,
  publicKeyOf,
  type SshCertificate,
  SshReader,
  sshPublicBlob,
  type View,
  within,
} from "../keys/ssh.ts";
import { AgentRefusal } from "./protocol/agent_refusal.ts";
import { isSignedBy } from "./signature.ts";

/**
 * Checks that the authority signed a certificate, as OpenSSH's agent does.
 *
 * It cannot be checked for an authority whose key is on a security token (`sk-`), which is taken as it is: servers check it.
 *
 * @throws {AgentRefusal} `bad key`, also where it was signed with SHA-1
 */
export function checkAuthority({ authority, signed, signature }: SshCertificate): void {
  const name = new SshReader(authority).string();
  if (isText(within(name, 0, Math.min(name.length, 3)), "sk-")) return;
  if (!isSignedBy(authority, signed, signature)) throw new AgentRefusal("bad key");
}

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
