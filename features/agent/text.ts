import { TextDecoder } from "../../system/node_builtins.ts";

const DECODER = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** A comment that a client sent: public, and whatever it holds. */
export function text(bytes: Uint8Array): string {
  return DECODER.decode(bytes);
}
