import type { View } from "./bytes.ts";
import { within } from "./bytes.ts";
import type { SeedMaterial } from "./material.ts";
import { wrongFormat } from "./refusal.ts";

/** Bytes that are the key itself. */
export function parseRaw(
  bytes: View,
  type: "ed25519" | "x25519",
): { readonly material: SeedMaterial; readonly format: "seed" | "seed-with-public" } {
  const { length } = bytes;
  if (length !== 32 && !(length === 64 && type === "ed25519")) {
    const wanted = type === "ed25519" ? "32 bytes, or 64 with its public key" : "32 bytes";
    throw wrongFormat(
      `a raw key of ${type} has ${wanted}, and this has ${length}; leave out raw for a file in another form`,
    );
  }
  if (isText(bytes)) {
    throw wrongFormat(
      "it is text, and no raw key; decode hex or base64 with secrets.decode() first, or leave out raw",
    );
  }
  if (length === 32) return { material: { type, seed: bytes, stated: null }, format: "seed" };
  const [seed, stated] = [within(bytes, 0, 32), within(bytes, 32)];
  return { material: { type, seed, stated }, format: "seed-with-public" };
}

/** Whether all are characters of ASCII, which random bytes are once in 2^45. Looks at every byte. */
function isText(bytes: View): boolean {
  let outside = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    outside |= (byte - 9) | (126 - byte);
  }
  return outside >= 0;
}
