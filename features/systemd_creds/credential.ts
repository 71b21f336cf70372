import { codecFor } from "../../core/codec.ts";
import { FILE_KEY_BYTES } from "../../core/contract/key_wrapper.ts";
import { type View, within } from "../envelopes/bytes.ts";
import type { SystemdKey } from "./types.ts";

/** The most bytes of a credential, and of its text: one for a TPM has some 400. */
const MOST_BYTES = 12_288;
export const MOST_TEXT_BYTES = 17_408;

/**
 * The 16 bytes with which a credential begins say what it was encrypted with.
 *
 * CREDENTIAL-1: a credential of another key is none, before any program is asked. systemd also knows a key of no bytes
 * (`tpm2-absent`), under which everybody encrypts and decrypts, and 252 decrypts that unasked.
 */
const KINDS: Readonly<Record<SystemdKey, readonly string[]>> = {
  host: ["5a1c6a86df9d4096b1d5a65e0862f19a"],
  tpm2: ["0c7cc07b117645919c4b0bea08bc20fe", "faf7eb9341e3412ca1a436f95a29362f"],
  "host+tpm2": ["93a894094874449090caf2fc93cab553", "af4950a849134eb1a73846304ff30c05"],
};

export const KEYS: readonly SystemdKey[] = Object.keys(KINDS) as SystemdKey[];

/** Whether these bytes have the form of a file key that was encrypted with this key, for this name. */
export function isCredential(bytes: View, key: SystemdKey, name: string): boolean {
  const least = hostBytes(name);
  const isLong = key === "host" ? bytes.length === least : bytes.length > least;
  return isLong && bytes.length <= MOST_BYTES && KINDS[key].some((kind) => begins(bytes, kind));
}

/** Header and nonce, and encrypted: two times, the name and its length, the file key. Parts end at multiples of 8. A tag of 16. */
function hostBytes(name: string): number {
  return 48 + 8 * Math.ceil((20 + name.length) / 8) + FILE_KEY_BYTES + 16;
}

function begins(bytes: View, kind: string): boolean {
  return [...kind.matchAll(/../g)].every(([byte], at) => bytes[at] === Number.parseInt(byte, 16));
}

/**
 * The bytes of a credential as `systemd-creds` prints it: base64, in lines.
 *
 * @param text in secret memory, for what a program prints that does something else; its line feeds are moved out
 * @returns null for what is no base64
 */
export function readText(text: View): View | null {
  let length = 0;
  for (const byte of text) {
    if (byte !== LINE_FEED) text[length++] = byte;
  }
  const codec = codecFor("base64", "decode");
  const whole = within(text, 0, length);
  const byteLength = codec.decodedLength(whole);
  if (byteLength <= 0) return null;
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  if (codec.decode(whole, bytes)) return bytes;
  bytes.fill(0);
  return null;
}

/** A credential as `systemd-creds` reads it. */
export function writeText(bytes: View): View {
  const codec = codecFor("base64", "encode");
  const text = new Uint8Array(new ArrayBuffer(codec.encodedLength(bytes.length)));
  codec.encode(bytes, text);
  return text;
}

const LINE_FEED = 10;
