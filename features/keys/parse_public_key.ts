import { wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { curveNamed, LONGEST_FILE } from "./algorithms.ts";
import { copyOf, type View, within } from "./bytes.ts";
import { decodeBase64 } from "./decode_base64.ts";
import { derKind } from "./der_kind.ts";
import { textStart } from "./describe_other.ts";
import { checkModulus, wholePoint } from "./held_key.ts";
import { stringOf } from "./json.ts";
import { jwkMembers, keyIdOf, publicJwk } from "./jwk.ts";
import type { PublicKey, ReadablePublicKeyFormat } from "./key.ts";
import type { PublicMaterial } from "./material.ts";
import { hasPem, pemBlocks } from "./pem.ts";
import { parsePkcs1Public, rsaPublicKey } from "./pkcs1.ts";
import { damaged, invalid, wrongFormat } from "./refusal.ts";
import { parseSpki } from "./spki.ts";
import { parseSshPublic } from "./ssh_wire.ts";

/** How to read a public key. */
export interface ParsePublicKeyOptions {
  /** Says that the bytes are the key itself, 32 of them. */
  readonly raw?: "ed25519" | "x25519";
  /** The `kid` of the key that is meant, as UTF-8, where a JWKS has several. */
  readonly keyId?: Uint8Array;
}

/**
 * Reads a public key: SubjectPublicKeyInfo and RSAPublicKey in DER or PEM, a line of OpenSSH, JWK, raw bytes.
 * Points of P-256, P-384 and P-521 are checked to be on their curve; `source` stays as it is.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_KEY_INVALID`,
 * `ERR_LETHE_UNSUPPORTED`, as {@link parseKey} does. A private key is refused: read it with that
 *
 * @example
 * ```ts
 * import { readFileSync } from "node:fs";
 * import { parsePublicKey } from "lethe/keys";
 *
 * const { type, publicKey } = parsePublicKey(readFileSync("id_ed25519.pub"));
 * console.log(type, publicKey.length); // ed25519 32
 * ```
 */
export function parsePublicKey(source: Uint8Array, options?: ParsePublicKeyOptions): PublicKey {
  const bytes = publicBytes(source, VERB, "source");
  const { raw, keyId } = readOptions(options, VERB, ["raw", "keyId"]);
  if (raw !== undefined && raw !== "ed25519" && raw !== "x25519") {
    throw wrongType(`Cannot ${VERB} as raw must be "ed25519" or "x25519"`);
  }
  if (bytes.length > LONGEST_FILE) {
    throw wrongFormat(`it has more than ${LONGEST_FILE} bytes; correct the path`);
  }
  const id = keyId === undefined ? undefined : publicBytes(keyId, VERB, "keyId");
  if (raw !== undefined) {
    if (bytes.length !== 32)
      throw wrongFormat(`a raw key has 32 bytes, and this has ${bytes.length}`);
    return finish({ type: raw, point: bytes }, "raw", null);
  }
  return parseForm(bytes, id);
}

const VERB = "parse key";

function parseForm(bytes: View, keyId: Uint8Array | undefined): PublicKey {
  const start = textStart(bytes);
  if (bytes[start] === 0x7b) {
    const members = jwkMembers(within(bytes, start), keyId);
    if (["d", "p", "k"].some((name) => stringOf(members, name) !== null)) throw isPrivate();
    return finish(publicJwk(members), "jwk", keyIdOf(members));
  }
  if (hasPem(bytes)) return parsePem(bytes);
  if (derKind(bytes) !== null) return parseDer(bytes, "");
  return parseLine(bytes, start);
}

function isPrivate(): Error {
  return wrongFormat("it is a private key, not a public one; read it with parseKey()");
}

function parsePem(bytes: View): PublicKey {
  const blocks = pemBlocks(bytes).filter(({ label }) => label !== null);
  const [block] = blocks;
  if (block === undefined) throw wrongFormat("its PEM has no public key; correct the path");
  if (blocks.length > 1) {
    throw wrongFormat(
      `it has ${blocks.length} keys; write the one that is meant into a separate file`,
    );
  }
  if (block.label !== "PUBLIC KEY" && block.label !== "RSA PUBLIC KEY") throw isPrivate();
  const text = within(bytes, block.start, block.end).filter((byte) => byte > 32);
  return parseDer(decodeBase64(copyOf(text), "its base64"), "-pem");
}

function parseDer(der: View, suffix: "" | "-pem"): PublicKey {
  switch (derKind(der)) {
    case "public":
      return finish(parseSpki(der), `spki${suffix}`, null);
    case "pkcs1-public":
      return finish(parsePkcs1Public(der), `pkcs1${suffix}`, null);
    case null:
      throw damaged("its DER");
    default:
      throw isPrivate();
  }
}

const [SPACE, TAB] = [32, 9];

/** `type base64 comment`, as in id_ed25519.pub; options in front, as in authorized_keys, are refused. */
function parseLine(bytes: View, start: number): PublicKey {
  const known = ["ssh-", "ecdsa-sha2-", "sk-"].some((begin) => hasAt(bytes, start, ascii(begin)));
  if (!known) {
    throw wrongFormat(
      bytes.length === 32
        ? 'it is not a key in PEM, DER, JSON or on a line of OpenSSH; if it is the key itself, say so with raw: "ed25519" or raw: "x25519"'
        : "it is not a key in PEM, DER, JSON or on a line of OpenSSH; correct the path, or convert the key",
    );
  }
  let end = bytes.length;
  while (end > start && (bytes[end - 1] as number) <= SPACE) end -= 1;
  const line = within(bytes, start, end);
  if (line.includes(10)) throw wrongFormat("it has several lines; pass the one that is meant");
  const [text, rest] = cut(cut(line)[1]);
  if (text.length === 0) throw damaged("its line");
  const material = parseSshPublic(decodeBase64(copyOf(text), "its base64"));
  return finish(material, "openssh", rest.length === 0 ? null : copyOf(rest));
}

/** What stands before spaces and tabs, and what stands behind them. */
function cut(text: View): readonly [View, View] {
  const isBlank = (byte: number): boolean => byte === SPACE || byte === TAB;
  let end = 0;
  while (end < text.length && !isBlank(text[end] as number)) end += 1;
  let next = end;
  while (next < text.length && isBlank(text[next] as number)) next += 1;
  return [within(text, 0, end), within(text, next)];
}

function finish(
  material: PublicMaterial,
  format: ReadablePublicKeyFormat,
  comment: View | null,
): PublicKey {
  const { type } = material;
  if (material.type === "rsa") {
    const bits = checkModulus(material.n, material.e);
    const publicKey = rsaPublicKey(material.n, material.e);
    return Object.freeze({ type, bits, format, publicKey, comment });
  }
  if (material.type === "ed25519" || material.type === "x25519") {
    if (material.point.length !== 32) throw damaged("its public part");
    if (material.point.every((byte) => byte === 0)) {
      throw invalid("its public part holds nothing but zeros; restore the key");
    }
    return Object.freeze({ type, bits: 256, format, publicKey: copyOf(material.point), comment });
  }
  const publicKey = wholePoint(material.type, material.point);
  return Object.freeze({ type, bits: curveNamed(material.type).bits, format, publicKey, comment });
}
