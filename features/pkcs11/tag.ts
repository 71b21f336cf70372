import type { Secrets } from "../../core/contract/secrets.ts";
import { toBase64 } from "../envelopes/base64.ts";
import { copyOf, joined, type View, within } from "../envelopes/bytes.ts";
import { Hasher } from "../keys/primitives/hash.ts";
import { SHA256 } from "../keys/primitives/sha256.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import { P256 } from "./ec_key.ts";
import type { FoundKey } from "./key.ts";

const TAG_BYTES = 12;

/**
 * Which key it is, as a stanza says it: the beginning of a SHA-256, as base64. Of a key pair that of its SubjectPublicKeyInfo, as
 * `pkcs11-tool --read-object --type pubkey | sha256sum` prints it. A secret key shows nothing of itself: there it is that of its label and
 * its id, and AES-GCM tells whether it is that key.
 */
export function tagOf(secrets: Secrets, key: FoundKey): string {
  const bytes = nameOf(key);
  return withWorkspace(secrets, Hasher.room(SHA256) + 64, (space) => {
    const hasher = new Hasher(SHA256, space);
    const hash = space.bytes(32);
    hasher.update(bytes);
    hasher.digest(hash);
    return toBase64(copyOf(within(hash, 0, TAG_BYTES)));
  });
}

function nameOf(key: FoundKey): View {
  if (key.kind === "rsa") return publicKeyInfo(key.modulus, key.exponent);
  if (key.kind === "ec") {
    const algorithm = der(SEQUENCE, joined(EC, P256));
    return der(SEQUENCE, joined(algorithm, der(BIT_STRING, joined([0], key.point))));
  }
  return joined(der(STRING, key.label), der(STRING, key.id));
}

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const STRING = 0x04;
const SEQUENCE = 0x30;
/** rsaEncryption, with its parameter NULL. */
const RSA = [0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];

/** id-ecPublicKey. */
const EC = [6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];

function publicKeyInfo(modulus: View, exponent: View): View {
  const numbers = der(SEQUENCE, joined(integer(modulus), integer(exponent)));
  return der(SEQUENCE, joined(RSA, der(BIT_STRING, joined([0], numbers))));
}

function integer(bytes: View): View {
  return der(INTEGER, joined((bytes[0] ?? 0) > 127 ? [0] : [], bytes));
}

function der(tag: number, content: View): View {
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return joined([tag, ...size], content);
}
