import type { Encoding } from "../../conformance/forensics/encodings.ts";

/** Encodes `secret` with the runtime's own means, not with the scanner's: what tests hide for it to find. */
export function encodeForTest(
  encoding: Encoding,
  secret: Uint8Array,
  separator = ", ",
): Uint8Array {
  const wide = encoding.endsWith("-utf16");
  const name = wide ? encoding.slice(0, -"-utf16".length) : encoding;
  const number = NUMBERS[name];
  if (number !== undefined) return new Uint8Array(number(secret).buffer);
  return Uint8Array.from(
    Buffer.from(textOf(name, Buffer.from(secret), separator), wide ? "utf16le" : "latin1"),
  );
}

const NUMBERS: Readonly<Record<string, (secret: Uint8Array) => { readonly buffer: ArrayBuffer }>> =
  {
    smi64: (secret) => BigInt64Array.from(Array.from(secret, (value) => BigInt(value) << 32n)),
    smi32: (secret) => Int32Array.from(secret, (value) => value * 2),
    "jsc-int32": (secret) =>
      BigUint64Array.from(Array.from(secret, (value) => 0xfffe000000000000n + BigInt(value))),
    int32: (secret) => Int32Array.from(secret),
    int64: (secret) => BigInt64Array.from(Array.from(secret, BigInt)),
    float32: (secret) => Float32Array.from(secret),
    float64: (secret) => Float64Array.from(secret),
  };

function textOf(name: string, secret: Buffer, separator: string): string {
  const hex = secret.toString("hex");
  const cased = name.includes("upper") ? hex.toUpperCase() : hex;
  const spaced = name.endsWith("spaces") ? " " : name.endsWith("colons") ? ":" : "";
  if (name.startsWith("hex")) return (cased.match(/../g) ?? []).join(spaced);
  if (name.startsWith("base64")) {
    const padded = Buffer.concat([Buffer.alloc(Number(name.at(-1)), 0xa5), secret]);
    return padded.toString(name.startsWith("base64url") ? "base64url" : "base64");
  }
  if (name === "decimal") return Array.from(secret).join(separator);
  if (name === "json-object") return JSON.stringify(Uint8Array.from(secret));
  if (name === "reversed") return Buffer.from(secret).reverse().toString("latin1");
  if (name === "latin1-utf8")
    return Buffer.from(secret.toString("latin1"), "utf8").toString("latin1");
  if (name === "text" || name === "text-latin1") return secret.toString("utf8");
  return secret.toString("latin1");
}
