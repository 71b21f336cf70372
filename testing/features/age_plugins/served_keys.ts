import type { Stanza } from "../../../core/contract/key_wrapper.ts";
import type { Secrets } from "../../../core/mod.ts";
import type { OpenedKey } from "../../../features/age_plugins/serve.ts";
import { openCrypto } from "../../../features/crypto/mod.ts";
import { formatKeyIdentity, formatKeyRecipient } from "../../../features/envelopes/key_names.ts";
import { openEnvelopes } from "../../../features/envelopes/mod.ts";
import { command } from "./served.ts";

/** What a client says last, before it answers. */
export const DONE: string = command("done");
/** Where a key is that needs no passphrase. */
export const PATH = "/keys/plain";
/** A file key. */
export const FIRST: Buffer = Buffer.from("the first key 16");

export function pairOf(secrets: Secrets): OpenedKey {
  const { publicKey, secretKey } = openCrypto(secrets).agreeKeyPair();
  return { publicKey: Uint8Array.from(publicKey), secretKey };
}

export const identityOf = ({ publicKey }: OpenedKey, path: string = PATH): string =>
  formatKeyIdentity({ publicKey, path });
export const recipientOf = ({ publicKey }: OpenedKey): string => formatKeyRecipient(publicKey);

/** Stanzas of a file key, as a client passes them on. */
export function stanzasFor(
  secrets: Secrets,
  file: number,
  key: OpenedKey,
  fileKey: Uint8Array,
): string {
  const secret = secrets.move(Uint8Array.from(fileKey));
  const identity = openEnvelopes(secrets).useKey({ type: "x25519", bits: 256, ...key });
  const stanzas = identity.wrap(secret) as readonly Stanza[];
  for (const one of [secret, identity]) one.destroy();
  return stanzas
    .map(({ args, body }) => command(`recipient-stanza ${file} ${args.join(" ")}`, body))
    .join("");
}
