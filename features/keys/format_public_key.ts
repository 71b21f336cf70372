import { wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { readOptions, readRecord } from "../../core/arguments/options.ts";
import { codecFor } from "../../core/codec.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { curveOf } from "./algorithms.ts";
import { copyOf, lengthOfPieces, type Piece, type View, within, writePieces } from "./bytes.ts";
import { checkComment } from "./comment.ts";
import { derLength, writeDer } from "./der.ts";
import { wholePoint } from "./held_key.ts";
import { formatPublicJwk } from "./jwk.ts";
import type { FormatPublicKeyOptions, KeyType, PublicKey, PublicKeyFormat } from "./key.ts";
import { parsePkcs1Public } from "./pkcs1.ts";
import { cannotWrite } from "./refusal.ts";
import { spkiOf } from "./spki.ts";
import { sshName, sshPublicBlob } from "./ssh_wire.ts";

const VERB = "format key";
const FORMATS: readonly PublicKeyFormat[] = ["spki", "spki-pem", "openssh", "jwk", "raw"];
const TYPES: readonly KeyType[] = ["ed25519", "x25519", "p256", "p384", "p521", "rsa"];

/**
 * Writes a public key. A private key will do too: its public part is written.
 *
 * @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for a form that has no such key; `ERR_LETHE_KEY_INVALID`
 * for a point that is not on its curve
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { openSecrets } from "lethe";
 * import { openCrypto } from "lethe/crypto";
 * import { formatPublicKey } from "lethe/keys";
 *
 * const { publicKey, secretKey } = openCrypto(openSecrets()).signKeyPair();
 * const comment = new TextEncoder().encode("me@host");
 * const line = formatPublicKey({ type: "ed25519", publicKey }, { format: "openssh", comment });
 * writeFileSync("new_key.pub", line);
 * secretKey.destroy();
 * ```
 */
export function formatPublicKey(
  key: Pick<PublicKey, "type"> & { readonly publicKey: Uint8Array },
  options: FormatPublicKeyOptions,
): Uint8Array<ArrayBuffer> {
  const { type, publicKey: given } = readRecord(key, VERB, "key", ["type", "publicKey"]);
  if (type === undefined || !TYPES.includes(type)) {
    throw wrongType(`Cannot ${VERB} as key.type must be one of ${TYPES.join(", ")}`);
  }
  const publicKey = checkPublic(type, given);
  const { format, comment } = readOptions(options, VERB, ["format", "comment"]);
  if (format === undefined || !FORMATS.includes(format)) {
    throw wrongType(`Cannot ${VERB} as format must be one of ${FORMATS.join(", ")}`);
  }
  if (comment !== undefined && format !== "openssh" && format !== "jwk") {
    throw wrongType(`Cannot ${VERB} as ${format} has no room for a comment`);
  }
  const beside = checkComment(comment, VERB);
  switch (format) {
    case "jwk":
      return formatPublicJwk(type, publicKey, beside);
    case "openssh":
      return formatLine(type, publicKey, beside);
    case "raw":
      if (publicKey.length === 32) return copyOf(publicKey);
      throw cannotWrite(
        `raw is a form of Ed25519 and X25519 keys, and this is ${type}`,
        "use spki",
      );
    default: {
      const element = spkiOf(type, publicKey);
      const der = new Uint8Array(new ArrayBuffer(derLength(element)));
      writeDer(element, der);
      return format === "spki" ? der : formatPem(der);
    }
  }
}

function checkPublic(type: KeyType, given: unknown): View {
  const byteLength = curveOf(type)?.byteLength ?? 0;
  if (type === "rsa") {
    const bytes = publicBytes(given, VERB, "key.publicKey");
    parsePkcs1Public(bytes);
    return bytes;
  }
  const length = byteLength === 0 ? 32 : 1 + 2 * byteLength;
  const bytes = publicBytes(given, VERB, "key.publicKey", length);
  return type === "ed25519" || type === "x25519" ? bytes : wholePoint(type, bytes);
}

function formatPem(der: View): View {
  const text = encode(der);
  const pieces: Piece[] = [ascii("-----BEGIN PUBLIC KEY-----\n")];
  for (let start = 0; start < text.length; start += 64) {
    pieces.push(within(text, start, Math.min(text.length, start + 64)), [10]);
  }
  pieces.push(ascii("-----END PUBLIC KEY-----\n"));
  return join(pieces);
}

function formatLine(type: KeyType, publicKey: View, comment: Uint8Array | null): View {
  const [name, blob] = [sshName(type), sshPublicBlob(type, publicKey)];
  if (name === null || blob === null) {
    throw cannotWrite("OpenSSH has no X25519 keys", "use spki-pem");
  }
  const end: readonly Piece[] = comment === null ? [[10]] : [[32], comment, [10]];
  return join([name, [32], encode(blob), ...end]);
}

function encode(bytes: View): View {
  const codec = codecFor("base64", "format");
  const text = new Uint8Array(new ArrayBuffer(codec.encodedLength(bytes.length)));
  codec.encode(bytes, text);
  return text;
}

function join(pieces: readonly Piece[]): View {
  const whole = new Uint8Array(new ArrayBuffer(lengthOfPieces(pieces)));
  writePieces(pieces, whole);
  return whole;
}
