import { TextEncoder } from "./node_builtins.ts";

/** Text as C takes it. */
export function terminated(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
