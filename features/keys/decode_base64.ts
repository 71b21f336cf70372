import { codecFor } from "../../core/codec.ts";
import type { View } from "./bytes.ts";
import { damaged } from "./refusal.ts";

/**
 * Public bytes from their base64.
 *
 * @param what is malformed otherwise
 * @throws {LetheError} `ERR_LETHE_KEY_DAMAGED`
 */
export function decodeBase64(text: View, what: string): View {
  const codec = codecFor("base64", "parse");
  const byteLength = codec.decodedLength(text);
  if (byteLength < 1) throw damaged(what);
  const target = new Uint8Array(new ArrayBuffer(byteLength));
  if (!codec.decode(text, target)) throw damaged(what);
  return target;
}
