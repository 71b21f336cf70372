import { type Codec, codecFor, UNPADDED_BASE64 } from "../../core/codec.ts";
import type { View } from "./bytes.ts";

/** Bytes as unpadded base64. Public ones: it makes a string. */
export function toBase64(bytes: Uint8Array): string {
  return encoded(bytes, UNPADDED_BASE64);
}

/** The bytes of canonical unpadded base64, or null. Public. */
export function fromBase64(text: Uint8Array): View | null {
  return decoded(text, UNPADDED_BASE64);
}

/** Bytes as padded base64, as JSON has it. Public. */
export function toPaddedBase64(bytes: Uint8Array): string {
  return encoded(bytes, PADDED_BASE64);
}

/** The bytes of canonical padded base64; null for anything else, and for none. Public. */
export function fromPaddedBase64(value: unknown): View | null {
  if (typeof value !== "string" || value === "" || /[^\x20-\x7e]/.test(value)) return null;
  return decoded(toBytes(value), PADDED_BASE64);
}

const PADDED_BASE64: Codec = /* @__PURE__ */ codecFor("base64", "encode");

function encoded(bytes: Uint8Array, codec: Codec): string {
  const text = new Uint8Array(codec.encodedLength(bytes.length));
  codec.encode(bytes, text);
  return toText(text);
}

function decoded(text: Uint8Array, codec: Codec): View | null {
  const byteLength = codec.decodedLength(text);
  if (byteLength < 0) return null;
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  return codec.decode(text, bytes) ? bytes : null;
}

/** The bytes of an argument of a stanza, which must be so many; else null. */
export function argumentBytes(argument: string | undefined, byteLength: number): View | null {
  const bytes = argument === undefined ? null : fromBase64(toBytes(argument));
  return bytes?.length === byteLength ? bytes : null;
}

/** Public ASCII as a string, a piece at a time: a call takes only so many arguments. */
export function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return text;
}

/** Characters below 256 as bytes. */
export function toBytes(text: string): View {
  const bytes = new Uint8Array(new ArrayBuffer(text.length));
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
