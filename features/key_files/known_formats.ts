import { ascii, hasAt } from "../../core/sealed_key_mark.ts";
import { describeText, type KnownFormat, textStart } from "./known_texts.ts";

/**
 * Names the format of bytes that are not a raw key: text formats of keys, encodings, containers and
 * compressed files. The list has what tools write when they are asked for a key, and what the wrong
 * path leads to; docs/key_files.md gives it with its reasons.
 *
 * Each entry takes a random key of 16 bytes or more for itself with a probability below 2^-31. A token
 * of letters and digits is not an entry, because nothing tells it from a key that somebody wrote as text.
 *
 * @param whole whether these are all bytes of the file, without which some formats are not known
 */
export function knownFormatOf(bytes: Uint8Array, whole: boolean): KnownFormat | null {
  return binaryFormatOf(bytes, whole) ?? describeText(bytes, textStart(bytes), whole);
}

function binaryFormatOf(bytes: Uint8Array, whole: boolean): KnownFormat | null {
  const found = BINARY.find(({ start }) => hasAt(bytes, 0, start));
  if (found !== undefined) return found;
  if (isGzip(bytes)) return COMPRESSED;
  return whole && isDer(bytes) ? DER : null;
}

/** RFC 1952: method, reserved flags, extra flags and a system that exists. */
function isGzip(bytes: Uint8Array): boolean {
  const [first, second, method, flags = 255] = bytes;
  const [extra, system] = [bytes[8], bytes[9] ?? 14];
  return (
    bytes.length >= 18 &&
    first === 0x1f &&
    second === 0x8b &&
    method === 8 &&
    flags < 32 &&
    (extra === 0 || extra === 2 || extra === 4) &&
    (system < 14 || system === 255)
  );
}

/**
 * A DER sequence as long as the file: PKCS#8, PKCS#1, SEC 1 and PKCS#12 begin with a version, a public
 * key and an encrypted PKCS#8 with a sequence that names an algorithm.
 */
function isDer(bytes: Uint8Array): boolean {
  const outer = derHeader(bytes, 0, 0x30);
  if (outer === null || outer.end !== bytes.length) return false;
  const version = hasAt(bytes, outer.start, [2, 1]) && (bytes[outer.start + 2] ?? 9) <= 3;
  const inner = derHeader(bytes, outer.start, 0x30);
  const oid = inner === null ? null : derHeader(bytes, inner.start, 6);
  const named = inner !== null && oid !== null && inner.end < bytes.length && oid.end <= inner.end;
  return version || named;
}

/** Where the content of a DER element begins and ends. */
function derHeader(
  bytes: Uint8Array,
  at: number,
  tag: number,
): { readonly start: number; readonly end: number } | null {
  const length = bytes[at + 1];
  if (bytes[at] !== tag || length === undefined) return null;
  if (length < 0x80) return { start: at + 2, end: at + 2 + length };
  const octets = length - 0x80;
  if (octets < 1 || octets > 3) return null;
  let value = 0;
  for (let index = 0; index < octets; index++) value = value * 256 + (bytes[at + 2 + index] ?? 0);
  return { start: at + 2 + octets, end: at + 2 + octets + value };
}

const COMPRESSED: KnownFormat = { name: "a compressed file", way: "decompress it first" };
const STORE: KnownFormat = {
  name: "a key store of another program",
  way: "export the key with that program",
};
const DER: KnownFormat = {
  name: "a key in DER",
  way: "read it with parseKey() of lethe/keys, or with openssl pkey",
};

const BINARY: readonly (KnownFormat & { readonly start: readonly number[] })[] = [
  { ...COMPRESSED, start: [...ascii("PK"), 3, 4] },
  { ...COMPRESSED, start: [0xfd, ...ascii("7zXZ"), 0] },
  { ...COMPRESSED, start: [0x28, 0xb5, 0x2f, 0xfd] },
  { ...COMPRESSED, start: [...ascii("7z"), 0xbc, 0xaf, 0x27, 0x1c] },
  ...[..."123456789"].map((level) => ({
    ...COMPRESSED,
    start: [...ascii(`BZh${level}`), 0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
  })),
  { ...STORE, start: [0xfe, 0xed, 0xfe, 0xed] }, // Java
  { ...STORE, start: [0xce, 0xce, 0xce, 0xce] }, // Java, JCEKS
  { ...STORE, start: [0x03, 0xd9, 0xa2, 0x9a] }, // KeePass
  { ...STORE, start: [...ascii("LUKS"), 0xba, 0xbe] },
  { ...STORE, start: ascii("SQLite format 3") },
  { ...STORE, start: ascii("openssh-key-v1") },
  {
    name: "a file encrypted by openssl enc",
    way: "decrypt it first",
    start: ascii("Salted__"),
  },
];
