import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import {
  ALL,
  bytesOf,
  der,
  isKey,
  jwkOf,
  parse,
  pem,
  phrase,
  refusal,
  secrets,
  seed,
  text,
} from "../../testing/features/keys/parsing.ts";
import { SOAK } from "../../testing/tier.ts";
import { formatKey, formatPublicKey, parseKey } from "./mod.ts";

const { ed25519, p256, rsa } = ALL;
afterAll(() => secrets.purge());

const FORMATS = ["pkcs8", "pkcs8-pem", "jwk", "openssh"] as const;

describe("private keys", () => {
  it("of each type go through each form and come back", () => {
    for (const [type, object] of Object.entries(ALL)) {
      if (type === "p521" && !SOAK) continue; // its points take time
      const key = parse(object.export({ type: "pkcs8", format: "der" }));
      expect(key.type).toBe(type);
      expect(Object.isFrozen(key)).toBe(true);
      const spki = node.createPublicKey(object).export({ type: "spki", format: "der" });
      expect(Buffer.from(formatPublicKey(key, { format: "spki" }))).toEqual(spki);
      const jwk = formatKey(secrets, key, { format: "jwk" });
      expect(JSON.parse(bytesOf(jwk).toString())).toEqual(jwkOf(object));
      const slow = type === "p384" || type === "p521"; // to compute the public key of, each time
      for (const format of slow ? (["openssh"] as const) : FORMATS) {
        if (format === "openssh" && type === "x25519") continue;
        const written = formatKey(secrets, key, { format });
        const again = parseKey(secrets, written);
        expect(again).toMatchObject({ type, format, encrypted: false });
        expect(again.secretKey.equals(key.secretKey)).toBe(true);
        expect(again.publicKey).toEqual(key.publicKey);
      }
    }
    secrets.purge();
  });

  it("are encrypted by each derivation and cipher, and opened by the passphrase alone", () => {
    const key = parse(pem);
    for (const options of [
      { format: "pkcs8", cost: 1000 },
      { format: "pkcs8-pem", cost: 1000, cipher: "aes-128-cbc" },
      { format: "pkcs8-pem", cost: 1000, cipher: "aes-256-gcm" },
      { format: "pkcs8", derivation: "scrypt", cost: 1024, cipher: "aes-256-gcm" },
      { format: "openssh", cost: 1 },
      { format: "openssh", cost: 1, cipher: "chacha20-poly1305@openssh.com" },
    ] as const) {
      const written = formatKey(secrets, key, { ...options, passphrase: phrase() });
      expect(bytesOf(written).includes(seed)).toBe(false);
      const again = parseKey(secrets, written, { passphrase: phrase() });
      expect(isKey(again) && again.encrypted && again.format === options.format).toBe(true);
      const codes = [{}, { passphrase: phrase("phrasE") }].map(
        (wrong) => thrown(() => parseKey(secrets, written, wrong)).code,
      );
      expect(codes).toEqual(["ERR_LETHE_KEY_PASSPHRASE", "ERR_LETHE_KEY_PASSPHRASE"]);
      const another = formatKey(secrets, key, { ...options, passphrase: phrase() });
      expect(bytesOf(another).equals(bytesOf(written))).toBe(false);
    }
    expect(refusal(pem, { passphrase: phrase() })).toBe("ERR_LETHE_KEY_FORMAT");
    secrets.purge();
  });

  it("encrypted with AES-GCM by other hands are opened, with each key length", () => {
    const element = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
      const content = Buffer.concat(parts);
      const long = content.length > 127 ? [0x81, content.length] : [content.length];
      return Buffer.concat([Buffer.from([tag, ...long]), content]);
    };
    const oid = (hex: string): Buffer => element(6, Buffer.from(hex, "hex"));
    for (const [bits, name] of [
      [128, "06"],
      [192, "1a"],
      [256, "2e"],
    ] as const) {
      const [salt, nonce] = [node.randomBytes(8), node.randomBytes(12)];
      const derived = node.pbkdf2Sync("phrase", salt, 1000, bits / 8, "sha512");
      const cipher = node.createCipheriv(`aes-${bits}-gcm`, derived, nonce);
      const sealed = [cipher.update(der), cipher.final(), cipher.getAuthTag()];
      const prf = element(0x30, oid("2a864886f70d020b"), Buffer.of(5, 0));
      const salted = element(0x30, element(4, salt), Buffer.of(2, 2, 3, 0xe8), prf);
      const scheme = element(0x30, element(4, nonce), Buffer.of(2, 1, 16));
      const ways = element(
        0x30,
        element(0x30, oid("2a864886f70d01050c"), salted),
        element(0x30, oid(`6086480165030401${name}`), scheme),
      );
      const file = element(
        0x30,
        element(0x30, oid("2a864886f70d01050d"), ways),
        element(4, ...sealed),
      );
      expect(isKey(parse(file, { passphrase: phrase() }))).toBe(true);
      file[file.length - 1] = (file.at(-1) ?? 0) ^ 1;
      expect(refusal(file, { passphrase: phrase() })).toBe("ERR_LETHE_KEY_PASSPHRASE");
    }
    secrets.purge();
  });

  it("are read as they occur: line ends, white space, BOM, text around, other blocks", () => {
    const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const body = pem.split("\n").slice(1, -2).join("");
    for (const form of [
      pem,
      pem.trimEnd(),
      pem.replaceAll("\n", "\r\n"),
      pem.replaceAll("\n", "\r"),
      `\ufeff${pem}`,
      `\n\n  ${pem}\n\n`,
      pem.replaceAll("\n", "\n    "),
      pem.replaceAll("\n", " \t\n"),
      `-----BEGIN PRIVATE KEY-----${body}-----END PRIVATE KEY-----`,
      `-----BEGIN PRIVATE KEY-----\n${body.replace(/.{4}/g, "$&\n")}\n-----END PRIVATE KEY-----`,
      `Bag Attributes\n    localKeyID: 01\n${pem}`,
      `${certificate}${pem}${certificate}`,
      `${node.createPublicKey(ed25519).export({ type: "spki", format: "pem" })}${pem}`,
    ]) {
      expect(isKey(parse(form)), JSON.stringify(form)).toBe(true);
    }
    for (const form of [
      `${pem}${pem}`,
      certificate,
      "",
      "\0",
      "hello",
      "{}",
      "[]",
      `\ufeff\ufeff`,
      text(Buffer.from(`\ufeff${pem}`, "utf16le")),
      "LETHEKEY and more",
      "ssh-ed25519 AAAA me",
    ].filter((form) => form.length > 0)) {
      expect(refusal(form), JSON.stringify(form)).toBe("ERR_LETHE_KEY_FORMAT");
    }
    for (const form of [
      pem.replace("END PRIVATE", "END PUBLIC"),
      pem.slice(0, -20),
      pem.replace("\n", "\n*"),
      pem.replaceAll("PRIVATE", "EC PRIVATE"),
      pem.replace(/=*\n-----END/, "A\n-----END"),
    ]) {
      expect(refusal(form), form).toBe("ERR_LETHE_KEY_DAMAGED");
    }
    const sec1 = String(p256.export({ type: "sec1", format: "pem" }));
    for (const [form, words] of [
      [pem.replaceAll("PRIVATE", "EC PRIVATE"), "says EC PRIVATE KEY, and .* form PRIVATE KEY;"],
      [sec1.replaceAll("EC ", ""), "says PRIVATE KEY, and .* form EC PRIVATE KEY;"],
    ] as const) {
      expect(thrown(() => parse(form)).message).toMatch(new RegExp(words));
    }
    secrets.purge();
  });

  it("in DER are read strictly, and not with anything behind them", () => {
    expect(isKey(parse(der))).toBe(true);
    expect(refusal(Buffer.concat([der, Buffer.of(0)]))).toBe("ERR_LETHE_KEY_DAMAGED");
    expect(refusal(Buffer.concat([Buffer.of(0x30, 0x80), der, Buffer.of(0, 0)]))).toBe(
      "ERR_LETHE_KEY_DAMAGED",
    );
    // The length in two bytes where one will do.
    expect(refusal(Buffer.concat([Buffer.of(0x30, 0x81), der.subarray(1)]))).toBe(
      "ERR_LETHE_KEY_DAMAGED",
    );
    // Version 2 of RFC 5958, with attributes and a public key.
    const publicKey = node.createPublicKey(ed25519).export({ format: "jwk" });
    const stated = Buffer.from(publicKey.x ?? "", "base64url");
    const longer = (key: Buffer): Buffer => {
      const content = Buffer.concat([
        Buffer.of(2, 1, 1),
        der.subarray(5),
        Buffer.of(0xa0, 0),
        Buffer.of(0x81, 33, 0),
        key,
      ]);
      return Buffer.concat([Buffer.of(0x30, content.length), content]);
    };
    expect(isKey(parse(longer(stated)))).toBe(true);
    stated[3] = (stated[3] ?? 0) ^ 1;
    expect(refusal(longer(stated))).toBe("ERR_LETHE_KEY_INVALID");
    secrets.purge();
  });

  it("in JSON: one, of several, with whatever is around", () => {
    const own: Record<string, string> = { ...jwkOf(ed25519), kid: "a" };
    const other = { ...jwkOf(p256), kid: "b" };
    expect(isKey(parse(JSON.stringify(own, null, 2)))).toBe(true);
    expect(Buffer.from(parse(JSON.stringify(own)).comment ?? []).toString()).toBe("a");
    const list = JSON.stringify({ about: { deep: [[1, "]}"]], x: null }, keys: [own, other] });
    expect(isKey(parse(list, { keyId: text("a") }))).toBe(true);
    expect(parse(list, { keyId: text("b") }).type).toBe("p256");
    for (const [form, options] of [
      [list, {}],
      [list, { keyId: text("c") }],
      [JSON.stringify(own), { keyId: text("b") }],
      [JSON.stringify({ keys: [] }), {}],
      [JSON.stringify({ keys: [own, own] }), { keyId: text("a") }],
      [JSON.stringify({ ...own, d: undefined }), {}],
      [JSON.stringify({ ...own, d: 1 }), {}],
      [`{"d":"AAAA",${JSON.stringify(own).slice(1)}`, {}],
      [`{"keys":[${JSON.stringify(own)}],"keys":[${JSON.stringify(other)}]}`, {}],
    ] as const) {
      expect(refusal(form, options), form).toBe("ERR_LETHE_KEY_FORMAT");
    }
    for (const form of [
      JSON.stringify(own).slice(0, -1),
      `${JSON.stringify(own)}x`,
      JSON.stringify({ ...own, d: "AAAA" }),
      JSON.stringify({ ...own, d: `${own["d"]}=` }),
      `{"\\u0064":"x",${JSON.stringify(own).slice(1)}`,
      `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)},${JSON.stringify(own).slice(1)}`,
      `{"a":[}],${JSON.stringify(own).slice(1)}`,
    ]) {
      expect(refusal(form), form.slice(0, 80)).toBe("ERR_LETHE_KEY_DAMAGED");
    }
    expect(refusal(JSON.stringify({ kty: "oct", k: "AAAA" }))).toBe("ERR_LETHE_UNSUPPORTED");
    expect(refusal(JSON.stringify({ ...jwkOf(rsa), dp: undefined }))).toBe("ERR_LETHE_UNSUPPORTED");
    secrets.purge();
  });

  it("in JSON: a kid is what its escapes say, and is written with them", () => {
    const write = (kid: string): string =>
      `${JSON.stringify(jwkOf(ed25519)).slice(0, -1)},"kid":"${kid}"}`;
    for (const [kid, meant] of [
      ["https:\\/\\/example.com\\/1", "https://example.com/1"],
      ["CORP\\\\alice", "CORP\\alice"],
      ['a\\"\\u003d\\u00E9\\u20ac', 'a"=\u00e9\u20ac'],
      ["\\uD83D\\uDE00, \\ud83d\\u0041, \\ude00", "\u{1f600}, \ufffdA, \ufffd"],
      ["\\ud83d", "\ufffd"],
    ] as const) {
      const key = parse(write(kid), { keyId: text(meant) });
      expect(Buffer.from(key.comment ?? []).toString()).toBe(meant);
      const comment = key.comment as Uint8Array;
      for (const bytes of [
        bytesOf(formatKey(secrets, key, { format: "jwk", comment })),
        Buffer.from(formatPublicKey(key, { format: "jwk", comment })),
      ]) {
        expect(JSON.parse(bytes.toString()).kid).toBe(meant);
      }
    }
    const controls = parse(write("a\\b\\f\\n\\r\\t")).comment ?? [];
    expect(Buffer.from(controls).toString()).toBe("a\b\f\n\r\t");
    for (const kid of ["\\x", "\\u12", "\\u00g0", "\\ud83d\\u00"]) {
      expect(refusal(write(kid)), kid).toBe("ERR_LETHE_KEY_DAMAGED");
    }
    secrets.purge();
  });

  it("raw: only when the caller says so", () => {
    expect(isKey(parse(seed, { raw: "ed25519" }))).toBe(true);
    expect(parse(seed, { raw: "x25519" })).toMatchObject({ type: "x25519", format: "seed" });
    const pair = bytesOf(parse(seed, { raw: "ed25519" }).secretKey);
    expect(parse(pair, { raw: "ed25519" }).format).toBe("seed-with-public");
    expect(refusal(seed)).toMatch(/^ERR_LETHE_KEY_(FORMAT|DAMAGED)$/);
    expect(refusal(pair, { raw: "x25519" })).toBe("ERR_LETHE_KEY_FORMAT");
    expect(refusal(seed.subarray(1), { raw: "ed25519" })).toBe("ERR_LETHE_KEY_FORMAT");
    expect(refusal(pem, { raw: "ed25519" })).toBe("ERR_LETHE_KEY_FORMAT");
    expect(refusal(seed.toString("hex").slice(32), { raw: "ed25519" })).toBe(
      "ERR_LETHE_KEY_FORMAT",
    );
    expect(refusal(seed.toString("hex"), { raw: "ed25519" })).toBe("ERR_LETHE_KEY_FORMAT");
    expect(refusal(Buffer.alloc(32), { raw: "ed25519" })).toBe("ERR_LETHE_KEY_INVALID");
    pair[40] = (pair[40] ?? 0) ^ 1;
    expect(refusal(pair, { raw: "ed25519" })).toBe("ERR_LETHE_KEY_INVALID");
    const key = parse(pem);
    expect(bytesOf(formatKey(secrets, key, { format: "seed" })).equals(seed)).toBe(true);
    expect(formatKey(secrets, key, { format: "seed-with-public" }).byteLength).toBe(64);
    secrets.purge();
  });
});
