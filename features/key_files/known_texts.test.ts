import { describe, expect, it } from "vitest";
import { knownFormatOf } from "./known_formats.ts";

/** What is said of a whole file; null where it may be a raw key. */
function named(
  content: string | readonly number[] | Uint8Array,
  whole: boolean = true,
): string | null {
  const bytes =
    typeof content === "string" ? Buffer.from(content, "latin1") : Uint8Array.from(content);
  const found = knownFormatOf(bytes, whole);
  if (found !== null) expect(found.way.length).toBeGreaterThan(10);
  return found?.name ?? null;
}

const HEX = "a key written in hex";
const BASE64 = "a key written in base64";
const BASE32 = "a key written in base32";
const JSON_TEXT = "JSON, as a JWK is";
const LINES = "text of several lines";
const UTF_16 = "text in UTF-16";

describe("the first bytes of a text", () => {
  it.each([
    ["-----BEGIN OPENSSH PRIVATE KEY", "a private key of OpenSSH"],
    ["-----BEGIN PGP ", "an OpenPGP block"],
    ["-----BEGIN ", "a PEM file"],
    ["---- BEGIN SSH2", "a key of SSH"],
    ["ssh-ed25519 ", "a key of SSH"],
    ["ssh-rsa ", "a key of SSH"],
    ["ssh-dss ", "a key of SSH"],
    ["ecdsa-sha2-", "a key of SSH"],
    ["sk-ssh-", "a key of SSH"],
    ["sk-ecdsa-", "a key of SSH"],
    ["PuTTY-User-Key-File-", "a key of PuTTY"],
    ["AGE-SECRET-KEY-", "an age identity or file"],
    ["AGE-PLUGIN-", "an age identity or file"],
    ["age1", "an age identity or file"],
    ["# created: ", "an age identity or file"],
    ["age-encryption.org/", "an age identity or file"],
    ["untrusted comment:", "a key of minisign or signify"],
    ["$ANSIBLE_VAULT;", "an encrypted Ansible vault"],
    ["U2FsdGVkX1", "a file encrypted by openssl enc"],
    ["$argon2", "the hash of a password"],
    ["$scrypt$", "the hash of a password"],
    ["$pbkdf2", "the hash of a password"],
    ["$2a$", "the hash of a password"],
    ["$2b$", "the hash of a password"],
    ["$2y$", "the hash of a password"],
  ])("%j are those of %s", (begin, name) => {
    const text = `${begin}, and what follows`;
    for (const front of ["", "\xef\xbb\xbf", " \t\r\n", "\xef\xbb\xbf\n"]) {
      expect([named(front + text), named(front + text, false)]).toEqual([name, name]);
    }
    expect(named(`_${text}`)).toBe(null);
    expect(named(`${begin.slice(0, -1)}\x7f, and what follows`)).not.toBe(name);
  });

  it("count where text follows, and at least eight of them", () => {
    expect(named("age1\x00345678901234567")).toBe(null);
    expect(named("age1234")).toBe(null);
    expect(named("age12345")).toBe("an age identity or file");
    expect(named(`age1234567890123\x00`)).toBe("an age identity or file");
    expect(named(`age123456789012\x00`)).toBe(null);
    expect([named("\xef\xbbage12345"), named("\xef\xbb\xbfage1234")]).toEqual([null, null]);
  });
});

describe("a whole text of one line", () => {
  const hex = (bytes: number): string => "aF".repeat(bytes);
  const base64 = (bytes: number): string => Buffer.alloc(bytes, 0xfb).toString("base64");

  it("is hex of as many bytes as keys have", () => {
    const sizes = Array.from({ length: 140 }, (_, at) => at).filter(
      (size) => named(hex(size)) === HEX,
    );
    expect(sizes).toEqual([16, 20, 24, 28, 32, 33, 48, 56, 57, 64, 65, 66, 96, 97, 128]);
    for (const text of [`0x${hex(16)}`, `${hex(16)}\r\n`, hex(16).replace(/../g, "$&:")]) {
      expect(named(text)).toBe(HEX);
    }
    expect(named("09afAF:\t\n\v\f\r 09afAF09afAF09afAF09afAF09")).toBe(HEX);
    expect([named(`${hex(16)}a`), named(`${hex(15)}ag`), named(`${hex(15)}a`)]).toEqual([
      null,
      null,
      null,
    ]);
    for (const other of "/:@G`g") {
      if (other !== ":") expect(named(`${hex(15)}a${other}`)).not.toBe(HEX);
    }
    expect(named(hex(16), false)).toBe(null);
  });

  it("is base64 where it shows what only base64 has, or has the length of a key without padding", () => {
    const sizes = Array.from({ length: 140 }, (_, at) => at).filter(
      (size) => named(base64(size)) === BASE64,
    );
    expect(sizes).toEqual([16, 20, 24, 28, 32, 33, 48, 56, 57, 64, 65, 66, 96, 97, 128]);
    const letters = (count: number): string => "Zz".repeat(count / 2) + "Z".repeat(count % 2);
    expect([42, 43, 44, 85, 86, 87].map((count) => named(letters(count)))).toEqual([
      null,
      BASE64,
      null,
      null,
      BASE64,
      null,
    ]);
    expect(named(`${letters(43)}=`)).toBe(BASE64);
    expect(named(`${letters(42)}==`)).toBe(null);
    expect(named(`${letters(42)}=`)).toBe(null);
    expect(named(`${letters(41)}===`)).toBe(null);
    expect([named(`${letters(43)}+`), named(`${letters(43)}/`)]).toEqual([BASE64, BASE64]);
    expect([named(`${letters(43)}-`), named(`${letters(42)}-+`)]).toEqual([null, null]);
    expect([named(`${letters(41)}-_`), named(`${letters(41)}-_=`)]).toEqual([BASE64, BASE64]);
    for (const other of "!.<>@[`{~") {
      expect([named(letters(43) + other), named(letters(42) + other)]).toEqual([null, null]);
    }
    expect([named(`${letters(33)}===`), named(`${letters(34)}==`)]).toEqual([null, null]);
    expect(named(`\n${base64(32)}\n`)).toBe(BASE64);
    for (const edge of ["09AZaz", "0A9Z", "zZa9"]) {
      expect(named(edge.repeat(20).slice(0, 43))).toBe(BASE64);
    }
  });

  it("is base32 of the lengths that keys have in it", () => {
    const letters = (count: number): string => "A2Z7".repeat(30).slice(0, count);
    const lengths = Array.from({ length: 110 }, (_, at) => at).filter(
      (count) => named(letters(count)) === BASE32,
    );
    expect(lengths).toEqual([26, 32, 52, 103]);
    expect(named(`${letters(52)}====`)).toBe(BASE32);
    for (const other of "18@[") expect(named(letters(51) + other)).toBe(null);
  });

  it("is JSON of an object or of numbers", () => {
    for (const text of ['{"a": 1}', '{ \n"k":"v"}', "[1, 2,3]", "[12,\t34\n]"]) {
      expect(named(text)).toBe(JSON_TEXT);
    }
    expect(named('\n{"a": 1}\n')).toBe(JSON_TEXT);
    for (const text of [
      '{"a":1}',
      '{a": "1}',
      '{"a": 12',
      '"a": 12}',
      "[1, 2, a]",
      "[a, 2, 3]",
      "[1,2,3",
      "1, 2, 34]",
    ]) {
      expect(named(text)).toBe(null);
    }
    for (const other of "/:+-.") expect(named(`[1, 2,3${other}]`)).toBe(null);
  });

  it("is none where a byte of it does not show", () => {
    for (const byte of [0, 8, 14, 31, 127, 128, 255]) {
      const bytes = Buffer.from(hex(32));
      bytes[40] = byte;
      expect(named(bytes)).toBe(null);
    }
    for (const byte of ["\x08", "\x0e", "\x7f"]) {
      expect([named(byte + hex(32)), named(hex(32) + byte)]).toEqual([null, null]);
    }
    for (const text of ["12345678", "1234567", "correct horse", hex(3), ""])
      expect(named(text)).toBe(null);
  });
});

describe("a text of several lines", () => {
  it("is not a key from 32 bytes on", () => {
    expect(named(`two words!\n${"x".repeat(21)}`)).toBe(LINES);
    expect(named(`two words!\n${"x".repeat(20)}`)).toBe(null);
    expect(named(`\n\n two words!\n${"x".repeat(21)}\n \n`)).toBe(LINES);
    expect(named(`two words!\r${"x".repeat(21)}`)).toBe(null);
    expect(named(`${" ".repeat(30)}two words!\n${"x".repeat(20)}`)).toBe(null);
    for (const byte of ["\x0e", "\x7f", "\x80"]) {
      expect(named(`two words!\n${"x".repeat(21)}${byte}x`)).toBe(null);
    }
    expect(named(`two words! ${"x".repeat(30)}\n`)).toBe(null);
  });
});

describe("a text in UTF-16", () => {
  const wide = (text: string): Buffer => Buffer.from(text, "utf16le");

  it("has a zero in one byte of each pair", () => {
    for (const bytes of [wide("12345678"), wide("\ufeff1234567"), wide("a longer text")]) {
      expect([named(bytes), named(bytes.swap16())]).toEqual([UTF_16, UTF_16]);
    }
    expect(named(wide("1234567"))).toBe(null);
    expect(named(Buffer.concat([wide("12345678"), Buffer.from([1])]))).toBe(null);
    const broken = wide("123456789");
    broken[7] = 1;
    expect(named(broken)).toBe(null);
    const zeros = wide("123456789");
    zeros[8] = 0;
    expect([named(zeros), named(Buffer.alloc(16))]).toEqual([null, null]);
    expect(named(wide("12345678"), false)).toBe(null);
  });
});

describe("bytes that are not text", () => {
  const COMPRESSED = "a compressed file";
  const STORE = "a key store of another program";
  const rest = Array<number>(20).fill(200);

  it.each([
    [COMPRESSED, [0x50, 0x4b, 3, 4]],
    [COMPRESSED, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
    [COMPRESSED, [0x28, 0xb5, 0x2f, 0xfd]],
    [COMPRESSED, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
    ...[..."123456789"].map(
      (level) => [COMPRESSED, [...Buffer.from(`BZh${level}1AY&SY`)]] as [string, number[]],
    ),
    [STORE, [0xfe, 0xed, 0xfe, 0xed]],
    [STORE, [0xce, 0xce, 0xce, 0xce]],
    [STORE, [0x03, 0xd9, 0xa2, 0x9a]],
    [STORE, [...Buffer.from("LUKS"), 0xba, 0xbe]],
    [STORE, [...Buffer.from("SQLite format 3")]],
    [STORE, [...Buffer.from("openssh-key-v1")]],
    ["a file encrypted by openssl enc", [...Buffer.from("Salted__")]],
  ])("begin %s with %j", (name, start) => {
    expect([named([...start, ...rest]), named([...start, ...rest], false)]).toEqual([name, name]);
    for (const at of start.keys()) {
      expect(named([...start.with(at, 1), ...rest])).not.toBe(name);
    }
  });

  it("are gzip with a head that RFC 1952 allows", () => {
    const gzip = (
      changes: Readonly<Record<number, number>>,
      length: number = 18,
    ): string | null => {
      const bytes = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, ...Array<number>(8).fill(200)].slice(
        0,
        length,
      );
      for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte;
      return named(bytes);
    };
    const yes = [{}, { 3: 31 }, { 8: 2 }, { 8: 4 }, { 9: 0 }, { 9: 13 }, { 9: 255 }];
    expect(yes.map((changes) => gzip(changes))).toEqual(yes.map(() => COMPRESSED));
    const no = [
      { 0: 0x1e },
      { 1: 0x8a },
      { 2: 7 },
      { 2: 9 },
      { 3: 32 },
      { 8: 1 },
      { 8: 3 },
      { 8: 5 },
    ];
    expect([...no, { 9: 14 }, { 9: 254 }].map((changes) => gzip(changes))).toEqual(
      Array(10).fill(null),
    );
    expect(gzip({}, 17)).toBe(null);
  });

  it("are DER where its lengths fit", () => {
    const DER = "a key in DER";
    const body = (length: number): number[] => Array<number>(length).fill(200);
    const version = (end: number[], last: number = 0): number[] => [0x30, ...end, 2, 1, last];
    expect(named([...version([13]), ...body(10)])).toBe(DER);
    expect([0, 3, 4].map((last) => named([...version([13], last), ...body(10)]))).toEqual([
      DER,
      DER,
      null,
    ]);
    expect(named([...version([13]), ...body(10)], false)).toBe(null);
    expect(named([...version([13]), ...body(9)])).toBe(null);
    expect(named([...version([13]), ...body(11)])).toBe(null);
    expect(named([0x31, ...version([13]).slice(1), ...body(10)])).toBe(null);
    expect(named([...version([0x81, 0x80]), ...body(125)])).toBe(DER);
    expect(named([...version([0x82, 1, 2]), ...body(255)])).toBe(DER);
    expect(named([...version([0x83, 0, 1, 2]), ...body(255)])).toBe(DER);
    expect(named([...version([0x84, 0, 0, 1, 2]), ...body(255)])).toBe(null);
    expect(named([...version([0x80]), ...body(10)])).toBe(null);
    expect(named([...version([0x80]), ...body(125)])).toBe(null);
    expect(named([0x30, 13, 3, 1, 0, ...body(10)])).toBe(null);
    expect(named([0x30, 13, 2, 2, 0, ...body(10)])).toBe(null);
    expect(named([...version([0x7f]), ...body(124)])).toBe(DER);
    const withName = [0x30, 12, 0x30, 5, 6, 3, 1, 2, 3, 3, 3, 1, 2, 3];
    expect(named(withName)).toBe(DER);
    expect(named(withName.with(4, 5))).toBe(null);
    expect(named(withName.with(2, 0x31))).toBe(null);
    expect(named(withName.with(5, 4))).toBe(null);
    expect(named([0x30, 7, 0x30, 5, 6, 3, 1, 2, 3])).toBe(null);
    expect([named([0x30]), named([0x30, 0]), named([0x30, 0x81])]).toEqual([null, null, null]);
  });
});
