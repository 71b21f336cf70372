import { createHash } from "node:crypto";

/** Of a public key on the wire, as OpenSSH prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  const digest = createHash("sha256").update(blob).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}
