import { UNPADDED_BASE64 } from "../../core/codec.ts";
import type { View } from "./bytes.ts";

/** Bytes as unpadded base64. Public ones: it makes a string. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(UNPADDED_BASE64.encodedLength(bytes.length));
  UNPADDED_BASE64.encode(bytes, text);
  return toText(text);
}

/** The bytes of canonical unpadded base64, or null. Public. */
export function fromBase64(text: Uint8Array): View | null {
  const byteLength = UNPADDED_BASE64.decodedLength(text);
  if (byteLength < 0) return null;
  const bytes = new Uint8Array(new ArrayBuffer(byteLength));
  return UNPADDED_BASE64.decode(text, bytes) ? bytes : null;
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
