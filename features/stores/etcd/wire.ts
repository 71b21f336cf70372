import { codecFor } from "../../../core/codec.ts";

/** Public bytes as text. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(BASE64.encodedLength(bytes.length));
  BASE64.encode(bytes, text);
  return new TextDecoder().decode(text);
}

/** The reverse; null for anything else. */
export function fromBase64(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (typeof value !== "string" || value === "") return null;
  const text = new TextEncoder().encode(value);
  const byteLength = BASE64.decodedLength(text);
  if (byteLength < 1) return null;
  const bytes = new Uint8Array(byteLength);
  return BASE64.decode(text, bytes) ? bytes : null;
}

/** 64-bit numbers are text in the JSON of gRPC. Revisions are positive; a lease may be negative. */
export function numberOf(value: unknown): string | null {
  return typeof value === "string" && /^-?[1-9]\d{0,18}$/.test(value) ? value : null;
}

const BASE64 = codecFor("base64", "encode");
