import { deriveInto } from "../../conformance/forensics/derived_needle.ts";
import type { Encoding } from "../../conformance/forensics/encodings.ts";

/** One secret as one real JavaScript value, in the way that engines come to hold it. */
export interface Plant {
  readonly seed: number;
  readonly title: string;
  /** `text` needles are valid UTF-8 of Latin-1 characters. */
  readonly shape: "bytes" | "text";
  readonly make: (secret: Uint8Array) => unknown;
  /** What the scanner must call it: by V8 and JavaScriptCore where they differ. */
  readonly expected: Encoding | { readonly v8: Encoding; readonly jsc: Encoding };
}

export const PLANT_BYTES = 32;

/** The needle of a plant, made alike in the target and in the scanner. */
export function secretOf({ seed, shape }: Pick<Plant, "seed" | "shape">): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(PLANT_BYTES));
  deriveInto(seed, bytes);
  if (shape === "bytes") return bytes;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    bytes[at] = at % 4 === 0 ? 0xc3 : at % 4 === 1 ? 0x80 | (byte & 0x3f) : 0x21 + (byte % 94);
  }
  return bytes;
}

const hex = (secret: Uint8Array): string => Buffer.from(secret).toString("hex");
const spaced = (secret: Uint8Array, by: string): string =>
  (hex(secret).match(/../g) ?? []).join(by);
const base64 = (secret: Uint8Array, before: number): string =>
  Buffer.concat([Buffer.alloc(before, 1), secret]).toString("base64");
const base64url = (secret: Uint8Array, before: number): string =>
  Buffer.concat([Buffer.alloc(before, 1), secret]).toString("base64url");
const latin1 = (secret: Uint8Array): string => Buffer.from(secret).toString("latin1");
/** A flat two-byte string: one character beyond Latin-1 makes the engine widen all of them. */
const wide = (text: string): string => Buffer.from(`${text}\u2603`, "utf16le").toString("utf16le");

/** Engines turn integers that are added to an array of doubles into doubles. */
const doubles = (secret: Uint8Array): number[] => {
  const numbers = [0.5];
  for (const value of secret) numbers.push(value);
  return numbers;
};

const LIST: readonly Omit<Plant, "seed" | "shape">[] = [
  { title: "Buffer", expected: "raw", make: (secret) => Buffer.from(secret) },
  {
    title: "reversed array",
    expected: "reversed",
    make: (secret) => Uint8Array.from(secret).reverse(),
  },
  { title: "latin1 string", expected: "raw", make: latin1 },
  { title: "two-byte string", expected: "latin1-utf16", make: (secret) => wide(latin1(secret)) },
  { title: "Uint16Array", expected: "latin1-utf16", make: (secret) => Uint16Array.from(secret) },
  {
    title: "latin1 string as UTF-8",
    expected: "latin1-utf8",
    make: (secret) => new TextEncoder().encode(latin1(secret)),
  },
  { title: "hex", expected: "hex-lower", make: hex },
  { title: "hex in capitals", expected: "hex-upper", make: (secret) => hex(secret).toUpperCase() },
  {
    title: "hex with spaces",
    expected: "hex-lower-spaces",
    make: (secret) => `<Buffer ${spaced(secret, " ")}>`.slice(),
  },
  {
    title: "hex in capitals with spaces",
    expected: "hex-upper-spaces",
    make: (secret) => spaced(secret, " ").toUpperCase(),
  },
  { title: "hex with colons", expected: "hex-lower-colons", make: (secret) => spaced(secret, ":") },
  {
    title: "hex in capitals with colons",
    expected: "hex-upper-colons",
    make: (secret) => spaced(secret, ":").toUpperCase(),
  },
  { title: "two-byte hex", expected: "hex-lower-utf16", make: (secret) => wide(hex(secret)) },
  { title: "base64", expected: "base64-0", make: (secret) => base64(secret, 0) },
  { title: "base64 behind one byte", expected: "base64-1", make: (secret) => base64(secret, 1) },
  { title: "base64 behind two bytes", expected: "base64-2", make: (secret) => base64(secret, 2) },
  { title: "base64url", expected: "base64url-0", make: (secret) => base64url(secret, 0) },
  {
    title: "base64url behind one byte",
    expected: "base64url-1",
    make: (secret) => base64url(secret, 1),
  },
  {
    title: "base64url behind two bytes",
    expected: "base64url-2",
    make: (secret) => base64url(secret, 2),
  },
  {
    title: "two-byte base64",
    expected: "base64-1-utf16",
    make: (secret) => wide(base64(secret, 1)),
  },
  { title: "String(bytes)", expected: "decimal", make: (secret) => String(secret) },
  { title: "JSON of an array", expected: "decimal", make: (secret) => JSON.stringify([...secret]) },
  {
    title: "indented JSON of an array",
    expected: "decimal",
    make: (secret) => JSON.stringify([...secret], null, 2),
  },
  {
    title: "JSON of a Buffer",
    expected: "decimal",
    make: (secret) => JSON.stringify(Buffer.from(secret)),
  },
  {
    title: "JSON of a Uint8Array",
    expected: "json-object",
    make: (secret) => JSON.stringify(secret),
  },
  {
    title: "two-byte decimal text",
    expected: "decimal-utf16",
    make: (secret) => wide([...secret].join(", ")),
  },
  {
    title: "array of integers",
    expected: { v8: "smi64", jsc: "jsc-int32" },
    make: (secret) => Array.from(secret),
  },
  { title: "array of doubles", expected: "float64", make: doubles },
  { title: "Float64Array", expected: "float64", make: (secret) => Float64Array.from(secret) },
  { title: "Float32Array", expected: "float32", make: (secret) => Float32Array.from(secret) },
  { title: "Int32Array", expected: "int32", make: (secret) => Int32Array.from(secret) },
  {
    title: "BigInt64Array",
    expected: "int64",
    make: (secret) => BigInt64Array.from(Array.from(secret, BigInt)),
  },
];

const TEXTS: readonly Omit<Plant, "seed" | "shape">[] = [
  {
    title: "text",
    expected: { v8: "text-latin1", jsc: "text-utf16" },
    make: (secret) => new TextDecoder().decode(secret),
  },
  {
    title: "two-byte text",
    expected: "text-utf16",
    make: (secret) => wide(new TextDecoder().decode(secret)),
  },
];

/** A distinct secret for each, so that every finding can be told from the others. */
export const PLANTS: readonly Plant[] = [
  ...LIST.map((plant, index) => ({ ...plant, seed: 1000 + index, shape: "bytes" as const })),
  ...TEXTS.map((plant, index) => ({ ...plant, seed: 2000 + index, shape: "text" as const })),
];
