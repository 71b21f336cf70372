import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { readFileSync } from "node:fs";
import { openSecrets, parseKey } from "../../../adapters/node/mod.ts";
import type { Needle } from "../../../conformance/mod.ts";
import { copy } from "../keys/tools.ts";

/** What must not be left of a key in a file of OpenSSH. */
export function needlesOf(name: string, path: string): readonly Needle[] {
  const secrets = openSecrets({ memory: "heap" });
  const key = parseKey(secrets, copy(readFileSync(path)));
  const bytes = key.secretKey.expose((secret) => Buffer.from(secret));
  secrets.purge();
  if (key.type !== "rsa") {
    const secret = bytes.subarray(0, key.type === "ed25519" ? 32 : bytes.length);
    const swapped = Buffer.from(secret.subarray(secret.length % 4)).swap32();
    return [
      { label: name, bytes: copy(secret) },
      { label: `${name}, swapped`, bytes: copy(swapped) },
    ];
  }
  const jwk = node
    .createPrivateKey({ key: bytes, format: "der", type: "pkcs1" })
    .export({ format: "jwk" });
  return (["d", "p", "q", "dp", "dq", "qi"] as const).map((part) => ({
    label: `${name} ${part}`,
    bytes: copy(Buffer.from(jwk[part] ?? "", "base64url").subarray(0, 64)),
  }));
}
