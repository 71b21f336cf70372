import { ascii, hasAt } from "../../core/sealed_key_mark.ts";

/** What bytes are that somebody may take for a raw key by mistake. */
export interface KnownFormat {
  /** With its article: `a PEM file`. */
  readonly name: string;
  /** How its key is had. */
  readonly way: string;
}

/** Where text begins: behind a byte order mark, spaces and newlines. */
export function textStart(bytes: Uint8Array): number {
  let start = hasAt(bytes, 0, [0xef, 0xbb, 0xbf]) ? 3 : 0;
  while (start < bytes.length && isWhite(bytes[start] as number)) start += 1;
  return start;
}

/** Names a text format, or null. Makes no string of the bytes. */
export function describeText(bytes: Uint8Array, start: number, whole: boolean): KnownFormat | null {
  const found = TEXTS.find(({ begins }) => begins.some((text) => hasAt(bytes, start, text)));
  if (found !== undefined && isPrintable(bytes, start, Math.min(bytes.length, start + 16)))
    return found;
  if (!whole) return null;
  if (isWide(bytes)) return UTF_16;
  let end = bytes.length;
  while (end > start && isWhite(bytes[end - 1] as number)) end -= 1;
  if (!isPrintable(bytes, start, end)) return null;
  return structured(bytes, start, end) ?? encoded(bytes, start, end) ?? lines(bytes, start, end);
}

/** JSON: a JWK, a keyset, an array of numbers. */
function structured(bytes: Uint8Array, start: number, end: number): KnownFormat | null {
  const [first, last] = [bytes[start], bytes[end - 1]];
  if (first === BRACE && last === BRACE + 2 && nextAfter(bytes, start) === QUOTE) return JSON_TEXT;
  const digits = (byte: number): boolean => isDigit(byte) || byte === COMMA || isWhite(byte);
  const numbers = first === BRACKET && last === BRACKET + 2;
  return numbers && every(bytes, start + 1, end - 1, digits) ? JSON_TEXT : null;
}

/** Hex, base64 and base32 of as many bytes as keys have. */
function encoded(bytes: Uint8Array, start: number, end: number): KnownFormat | null {
  let [digits, hex, base64, base32, standard, url, padding] = [0, 0, 0, 0, 0, 0, 0];
  const from = hasAt(bytes, start, ascii("0x")) ? start + 2 : start;
  for (let index = from; index < end; index++) {
    const byte = bytes[index] as number;
    if (isWhite(byte) || byte === COLON) continue;
    digits += 1;
    if (isHex(byte)) hex += 1;
    if (isAlphanumeric(byte)) base64 += 1;
    if (isBase32(byte)) base32 += 1;
    if (byte === PLUS || byte === SLASH) standard += 1;
    if (byte === MINUS || byte === UNDERSCORE) url += 1;
    if (byte === EQUALS) padding += 1;
  }
  const holds = (bits: number, count: number): boolean => KEY_SIZES.includes((count * bits) >> 3);
  if (hex === digits && digits % 2 === 0 && holds(4, digits)) return HEX;
  if (base32 + padding === digits && BASE32_SIZES.includes(base32)) return BASE32;
  if (base64 + standard + url + padding !== digits || padding > 2) return null;
  // Letters and digits alone could be a token: base64 shows itself by what only it has.
  const shows = padding > 0 || (standard > 0 && url === 0);
  const unpadded = digits === 43 || digits === 86;
  const count = base64 + standard + url;
  if ((shows && digits % 4 === 0 && holds(6, count)) || (unpadded && padding === 0)) return BASE64;
  return null;
}

/** A configuration, a manifest, a list of keys: text of several lines is not a key. */
function lines(bytes: Uint8Array, start: number, end: number): KnownFormat | null {
  const broken = !every(bytes, start, end, (byte) => byte !== LINE_FEED);
  return broken && end - start >= 32 ? LINES : null;
}

/** UTF-16 without characters beyond Latin: one byte of each pair is zero. */
function isWide(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  const zeros = [0, 0];
  for (let index = 2; index < bytes.length; index++) {
    if (bytes[index] === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  }
  const pairs = (bytes.length - 2) / 2;
  const [even, odd] = zeros;
  return (even === pairs && odd === 0) || (odd === pairs && even === 0);
}

function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 8 && every(bytes, start, end, (byte) => isWhite(byte) || isVisible(byte));
}

function every(
  bytes: Uint8Array,
  start: number,
  end: number,
  holds: (byte: number) => boolean,
): boolean {
  for (let index = start; index < end; index++) if (!holds(bytes[index] as number)) return false;
  return true;
}

function nextAfter(bytes: Uint8Array, at: number): number | undefined {
  let next = at + 1;
  while (next < bytes.length && isWhite(bytes[next] as number)) next += 1;
  return bytes[next];
}

const [COLON, COMMA, EQUALS, PLUS, SLASH] = [58, 44, 61, 43, 47];
const [MINUS, UNDERSCORE, QUOTE, BRACE, BRACKET, LINE_FEED] = [45, 95, 34, 123, 91, 10];
const isWhite = (byte: number): boolean => byte === 32 || (byte >= 9 && byte <= 13);
const isVisible = (byte: number): boolean => byte > 32 && byte < 127;
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isUpper = (byte: number): boolean => byte >= 65 && byte <= 90;
const isLower = (byte: number): boolean => byte >= 97 && byte <= 122;
const isAlphanumeric = (byte: number): boolean => isDigit(byte) || isUpper(byte) || isLower(byte);
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102);
const isBase32 = (byte: number): boolean => isUpper(byte) || (byte >= 50 && byte <= 55);

/** Of ciphers, curves and MACs, in bytes. */
const KEY_SIZES: readonly number[] = [16, 20, 24, 28, 32, 33, 48, 56, 57, 64, 65, 66, 96, 97, 128];
/** Letters of base32 of 16, 20, 32 and 64 bytes, without padding. */
const BASE32_SIZES: readonly number[] = [26, 32, 52, 103];

const DECODE = "decode it into a separate file, or read the text and pass it to secrets.decode";
const LIBRARY = "read it with parseKey() of lethe/keys, or with openssl pkey";
const HEX: KnownFormat = { name: "a key written in hex", way: DECODE };
const BASE64: KnownFormat = { name: "a key written in base64", way: DECODE };
const BASE32: KnownFormat = { name: "a key written in base32", way: DECODE };
const JSON_TEXT: KnownFormat = {
  name: "JSON, as a JWK is",
  way: "read a JWK with parseKey() of lethe/keys, other JSON with the program that wrote it",
};
const UTF_16: KnownFormat = { name: "text in UTF-16", way: "write the key itself, not its text" };
const LINES: KnownFormat = {
  name: "text of several lines",
  way: "correct the path, or write the key alone into a file",
};

const TEXTS: readonly (KnownFormat & { readonly begins: readonly (readonly number[])[] })[] = [
  {
    name: "a private key of OpenSSH",
    way: "read it with parseKey() of lethe/keys, or with ssh-keygen",
    begins: [ascii("-----BEGIN OPENSSH PRIVATE KEY")],
  },
  {
    name: "an OpenPGP block",
    way: "export the key with gpg",
    begins: [ascii("-----BEGIN PGP ")],
  },
  { name: "a PEM file", way: LIBRARY, begins: [ascii("-----BEGIN ")] },
  {
    name: "a key of SSH",
    way: "convert it with ssh-keygen",
    begins: ["---- BEGIN SSH2", "ssh-ed25519 ", "ssh-rsa ", "ssh-dss ", "ecdsa-sha2-"]
      .concat("sk-ssh-", "sk-ecdsa-")
      .map(ascii),
  },
  {
    name: "a key of PuTTY",
    way: "convert it with puttygen -O private-openssh",
    begins: [ascii("PuTTY-User-Key-File-")],
  },
  {
    name: "an age identity or file",
    way: "decrypt with age -i",
    begins: ["AGE-SECRET-KEY-", "AGE-PLUGIN-", "age1", "# created: ", "age-encryption.org/"].map(
      ascii,
    ),
  },
  {
    name: "a key of minisign or signify",
    way: "sign and verify with that program",
    begins: [ascii("untrusted comment:")],
  },
  {
    name: "an encrypted Ansible vault",
    way: "decrypt it with ansible-vault view",
    begins: [ascii("$ANSIBLE_VAULT;")],
  },
  {
    name: "a file encrypted by openssl enc",
    way: "decrypt it first",
    begins: [ascii("U2FsdGVkX1")],
  },
  {
    name: "the hash of a password",
    way: "use it to verify a password; it is not a key",
    begins: ["$argon2", "$scrypt$", "$pbkdf2", "$2a$", "$2b$", "$2y$"].map(ascii),
  },
];
