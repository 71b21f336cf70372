import { createHash } from "node:crypto";
import type { View } from "../keys/ssh.ts";
import { plainBlob } from "./certificate.ts";

/** Of a public key or a certificate on the wire, as OpenSSH prints it: a certificate has that of its key. */
export function fingerprintOf(blob: View): string {
  return hashOf(plainBlob(blob));
}

/** Of bytes, in the same form. */
export function hashOf(blob: Uint8Array): string {
  const digest = createHash("sha256").update(blob).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}
