import { codecFor } from "../../core/codec.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { ascii, contains, hasAt } from "../../core/sealed_key_mark.ts";
import { born } from "../crypto/lend.ts";
import { type View, within } from "./bytes.ts";
import { roundUp, withWorkspace } from "./primitives/workspace.ts";
import { damaged, unsupported } from "./refusal.ts";

/** What stands in a block that has a key, by its label (RFC 7468 and, for the older ones, OpenSSL). */
export const PRIVATE_LABELS = [
  "PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
  "EC PRIVATE KEY",
  "RSA PRIVATE KEY",
  "DSA PRIVATE KEY",
  "OPENSSH PRIVATE KEY",
] as const;
export const PUBLIC_LABELS = ["PUBLIC KEY", "RSA PUBLIC KEY"] as const;

export type PemLabel = (typeof PRIVATE_LABELS)[number] | (typeof PUBLIC_LABELS)[number];

/** A block: where its text begins and ends. */
export interface PemBlock {
  /** Null: something else than a key, such as a certificate. */
  readonly label: PemLabel | null;
  readonly start: number;
  readonly end: number;
}

const DASHES = ascii("-----");
const BEGIN = ascii("-----BEGIN ");
const END = ascii("-----END ");
const LABELS = [...PRIVATE_LABELS, ...PUBLIC_LABELS].map((name) => ({ name, bytes: ascii(name) }));
const MOST_LABEL = 64;

/** Whether a block begins in `bytes`. */
export function hasPem(bytes: View): boolean {
  return contains(bytes, BEGIN);
}

/**
 * The blocks of a text, whatever stands around them (RFC 7468, section 2). It looks for dashes, of which
 * base64 has none, and not at what is between.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_DAMAGED` when one does not end
 */
export function pemBlocks(bytes: View): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== DASHES[0] || !hasAt(bytes, at, BEGIN)) continue;
    const name = at + BEGIN.length;
    const nameEnd = find(bytes, DASHES, name, name + MOST_LABEL);
    const start = nameEnd + DASHES.length;
    const end = find(bytes, END, start, bytes.length);
    const last = end + END.length;
    const label = within(bytes, name, nameEnd);
    if (!hasAt(bytes, last, [...label, ...DASHES])) throw damaged("its PEM");
    const known = LABELS.find(
      ({ bytes: text }) => text.length === label.length && hasAt(label, 0, text),
    );
    blocks.push({ label: known?.name ?? null, start, end });
    at = last + label.length + DASHES.length - 1;
  }
  return blocks;
}

function find(bytes: View, pattern: readonly number[], from: number, to: number): number {
  for (let at = from; at < to && at < bytes.length; at++) {
    if (bytes[at] === pattern[0] && hasAt(bytes, at, pattern)) return at;
  }
  throw damaged("its PEM");
}

/**
 * The bytes of a block, in a secret of their own. White space is passed over without a branch: each byte
 * is written, and the place moves on where it was none.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_UNSUPPORTED` for the encryption of old PEM
 */
export function decodePem(secrets: Secrets, bytes: View, { start, end }: PemBlock): SecretBuffer {
  const text = within(bytes, start, end);
  if (hasHeader(text)) {
    throw unsupported(
      "it has the old encryption of PEM (Proc-Type), whose passphrases can be tried as fast as MD5 runs",
      "convert it with openssl pkcs8 -topk8 -in FILE -out NEW",
    );
  }
  return withWorkspace(secrets, roundUp(text.length) + 16, (space) => {
    const room = space.bytes(text.length + 1);
    let length = 0;
    for (let index = 0; index < text.length; index++) {
      const byte = text[index] as number;
      room[length] = byte;
      const white =
        ((byte - 33) >> 31) & ~((byte - 9) >> 31) & (((byte - 14) >> 31) | isSpace(byte));
      length += 1 + white;
    }
    return decodeText(secrets, within(room, 0, length), "base64", "its base64");
  });
}

/** All ones for a space. */
function isSpace(byte: number): number {
  return (((byte ^ 32) - 1) >> 31) | 0;
}

/** Base64 as the bytes of a new secret. */
export function decodeText(
  secrets: Secrets,
  text: View,
  encoding: "base64" | "base64url",
  what: string,
): SecretBuffer {
  const codec = codecFor(encoding, "parse");
  const byteLength = codec.decodedLength(text);
  if (byteLength < 1) throw damaged(what);
  return born(secrets, byteLength, (target) => {
    if (!codec.decode(text, target)) throw damaged(what);
  });
}

/** RFC 1421: behind the first line comes `Proc-Type: 4,ENCRYPTED`, maybe indented. */
function hasHeader(text: View): boolean {
  let at = 0;
  while (at < text.length && WHITE.includes(text[at] as number)) at += 1;
  return hasAt(text, at, HEADER);
}

const HEADER = ascii("Proc-Type:");
const WHITE = ascii(" \t\r\n");

/** Characters of a line: RFC 7468, section 2; OpenSSH has 70. */
const LINE = 64;

/** Writes bytes as PEM. */
export function encodePem(
  secrets: Secrets,
  bytes: View,
  label: PemLabel,
  line: number = LINE,
): SecretBuffer {
  const codec = codecFor("base64", "format");
  const length = codec.encodedLength(bytes.length);
  const head = ascii(`-----BEGIN ${label}-----\n`);
  const tail = ascii(`-----END ${label}-----\n`);
  const lines = Math.ceil(length / line);
  return withWorkspace(secrets, length, (space) => {
    const text = space.bytes(length);
    codec.encode(bytes, text);
    return born(secrets, head.length + length + lines + tail.length, (target) => {
      target.set(head);
      let at = head.length;
      for (let start = 0; start < length; start += line) {
        const part = within(text, start, Math.min(length, start + line));
        target.set(part, at);
        at += part.length;
        target[at++] = 10;
      }
      target.set(tail, at);
    });
  });
}
