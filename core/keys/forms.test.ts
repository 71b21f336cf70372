import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { SecretBuffer } from "../mod.ts";
import { thrown } from "../testdata/samples.ts";
import {
  formatKey,
  formatPublicKey,
  type KeyType,
  type ParseKeyOptions,
  type PrivateKey,
  parseKey,
  parsePublicKey,
} from "./mod.ts";
import { makeNodeKeys } from "./testdata/node_keys.ts";
import { copy } from "./testdata/tools.ts";

const SOAK = process.env["LETHE_SOAK"] !== undefined;
const secrets = openSecrets();
afterAll(() => secrets.purge());

const text = (value: string | Uint8Array): Uint8Array<ArrayBuffer> => copy(Buffer.from(value));
const phrase = (value: string = "phrase"): SecretBuffer => secrets.move(text(value));
const bytesOf = (secret: SecretBuffer): Buffer => secret.expose((bytes) => Buffer.from(bytes));
const parse = (value: string | Uint8Array, options?: ParseKeyOptions): PrivateKey =>
  parseKey(secrets, text(value), options);
const refusal = (value: string | Uint8Array, options?: ParseKeyOptions): string =>
  thrown(() => parse(value, options)).code ?? "none";

const { ed25519, x25519, p256, p384, p521, rsa } = makeNodeKeys();
const ALL: Readonly<Record<KeyType, node.KeyObject>> = { ed25519, x25519, p256, p384, p521, rsa };
const pem = String(ed25519.export({ type: "pkcs8", format: "pem" }));
const der = ed25519.export({ type: "pkcs8", format: "der" });
const jwkOf = (key: node.KeyObject): Record<string, string> =>
  key.export({ format: "jwk" }) as Record<string, string>;
const seed = Buffer.from(jwkOf(ed25519)["d"] ?? "", "base64url");
const isKey = (key: PrivateKey): boolean =>
  key.type === "ed25519" && bytesOf(key.secretKey).subarray(0, 32).equals(seed);

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

  it("of OpenSSH have the same public key in front, and nothing else at the end", () => {
    const decode = (pem: Buffer): Buffer =>
      Buffer.from(pem.toString().replace(/-----.*-----/g, ""), "base64");
    const encode = (file: Buffer): string =>
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${file.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const sealing = { passphrase: phrase(), cost: 1 };
    for (const more of [{}, sealing]) {
      const options = "passphrase" in more ? { passphrase: phrase() } : {};
      const [mine, theirs] = [ed25519, node.generateKeyPairSync("ed25519").privateKey].map(
        (object) =>
          decode(
            bytesOf(
              formatKey(secrets, parse(object.export({ type: "pkcs8", format: "der" })), {
                format: "openssh",
                ...more,
              }),
            ),
          ),
      );
      if (mine === undefined || theirs === undefined) throw new Error("not written");
      expect(isKey(parse(encode(mine), options))).toBe(true);
      const at = mine.indexOf("ssh-ed25519") + 11;
      const swapped = Buffer.concat([
        mine.subarray(0, at),
        theirs.subarray(at, at + 36),
        mine.subarray(at + 36),
      ]);
      expect(refusal(encode(swapped), options)).toBe("ERR_LETHE_KEY_INVALID");
      const last = Buffer.from(mine);
      last[last.length - 1] = (last.at(-1) ?? 0) ^ 1;
      const code = more === sealing ? "ERR_LETHE_KEY_PASSPHRASE" : "ERR_LETHE_KEY_DAMAGED";
      expect(refusal(encode(last), options)).toBe(code);
      expect(refusal(encode(Buffer.concat([mine, Buffer.of(0)])), options)).toBe(
        "ERR_LETHE_KEY_DAMAGED",
      );
    }
    secrets.purge();
  });

  it("whose halves are not of one key are refused by every form", () => {
    for (const [own, foreign] of [
      [ed25519, node.generateKeyPairSync("ed25519").privateKey],
      [x25519, node.generateKeyPairSync("x25519").privateKey],
      [p256, node.generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey],
      [p384, node.generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey],
    ] as const) {
      const [{ d = "" }, rest] = [jwkOf(own), jwkOf(foreign)];
      expect(refusal(JSON.stringify({ ...rest, d }))).toBe("ERR_LETHE_KEY_INVALID");
      const [mine, theirs] = [own, foreign].map((key) => parse(JSON.stringify(jwkOf(key))));
      if (mine === undefined || theirs === undefined) throw new Error("not read");
      const mixed = { ...mine, publicKey: theirs.publicKey };
      expect(thrown(() => formatKey(secrets, mixed, { format: "pkcs8" })).code).toBe(
        "ERR_LETHE_KEY_INVALID",
      );
    }
    for (const name of ["n", "e", "d", "p", "q", "dp", "dq", "qi"]) {
      const jwk = jwkOf(rsa);
      const number = Buffer.from(jwk[name] ?? "", "base64url");
      number[number.length - 1] = (number.at(-1) ?? 0) ^ 4;
      const changed = { ...jwk, [name]: number.toString("base64url") };
      expect(refusal(JSON.stringify(changed)), name).toBe("ERR_LETHE_KEY_INVALID");
    }
    const order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE"; // of P-256
    for (const d of [order, "A".repeat(43), `${"_".repeat(42)}8`]) {
      expect(refusal(JSON.stringify({ ...jwkOf(p256), d }))).toBe("ERR_LETHE_KEY_INVALID");
    }
    secrets.purge();
  });

  it("of algorithms and encryptions that are not read say which are", () => {
    const others = [
      node.generateKeyPairSync("ed448").privateKey.export({ type: "pkcs8", format: "pem" }),
      node
        .generateKeyPairSync("ec", { namedCurve: "secp256k1" })
        .privateKey.export({ type: "pkcs8", format: "pem" }),
      p256.export({ type: "sec1", format: "pem", cipher: "aes-128-cbc", passphrase: "x" }),
      "PuTTY-User-Key-File-3: ssh-ed25519\n",
      "-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n",
    ];
    for (const other of others) {
      const error = thrown(() => parse(String(other)));
      expect(error.code).toBe("ERR_LETHE_UNSUPPORTED");
      expect(error.message).toMatch(/; (make|convert)/);
    }
  });

  it("leave a source untouched that was not read, and no secret live", () => {
    const before = secrets.stats.live;
    const source = text(pem.replace("PRIVATE KEY-----\n", "PRIVATE KEY-----\n*"));
    const kept = source.slice();
    expect(thrown(() => parseKey(secrets, source)).code).toBe("ERR_LETHE_KEY_DAMAGED");
    expect(source).toEqual(kept);
    expect(secrets.stats.live).toBe(before);
    const own = secrets.move(text(pem));
    const key = parseKey(secrets, own);
    expect(own.state).toBe("guarded");
    const written = formatKey(secrets, key, { format: "pkcs8-pem" });
    expect(bytesOf(written).toString()).toBe(pem);
    expect(secrets.stats.live).toBe(before + 3);
    secrets.purge();
  });

  it("are not read under options that somebody put on Object.prototype", () => {
    const planted = [
      "passphrase",
      "raw",
      "keyId",
      "mostCost",
      "format",
      "comment",
      "cost",
      "prefix",
    ];
    const names = [
      ...planted,
      "encrypted",
      "byteLength",
      "bits",
      "content",
      "tag",
      "type",
      "d",
      "kid",
    ];
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        value: 1,
        configurable: true,
        writable: true,
      });
      try {
        const key = parse(pem);
        expect(key).toMatchObject({ type: "ed25519", encrypted: false, comment: null });
        expect(bytesOf(formatKey(secrets, key, { format: "pkcs8-pem" })).toString()).toBe(pem);
      } finally {
        delete (Object.prototype as unknown as Record<string, unknown>)[name];
      }
    }
    secrets.purge();
  });
});

describe("wrong arguments", () => {
  it("are TypeErrors and RangeErrors that say what is meant", () => {
    const key = parse(pem);
    const passphrase = phrase();
    for (const call of [
      () => parseKey({} as never, text(pem)),
      () => parseKey(secrets, pem as never),
      () => parseKey(secrets, [1] as never),
      () => parseKey(secrets, new Uint8Array(0)),
      () => parse(pem, { passphrase: text("x") as never }),
      () => parse(pem, { passphrase: "x" as never }),
      () => parse(seed, { raw: "rsa" as never }),
      () => parse(seed, { raw: "ed25519", passphrase }),
      () => parse(pem, { passphrse: passphrase } as never),
      () => parse(pem, { mostCost: { bcryptRounds: 0 } }),
      () => parse(pem, { mostCost: { rounds: 1 } as never }),
      () => formatKey(secrets, {} as never, { format: "jwk" }),
      () => formatKey(secrets, { ...key, type: "dsa" as never }, { format: "jwk" }),
      () => formatKey(secrets, { ...key, secretKey: seed as never }, { format: "jwk" }),
      () => formatKey(secrets, key, { format: "sec1" as never }),
      () => formatKey(secrets, key, undefined as never),
      () => formatKey(secrets, key, { format: "jwk", passphrase }),
      () => formatKey(secrets, key, { format: "seed", comment: text("x") }),
      () => formatKey(secrets, key, { format: "jwk", comment: text('"') }),
      () => formatKey(secrets, key, { format: "openssh", comment: text("a\nb") }),
      () => formatKey(secrets, key, { format: "pkcs8", cost: 1000 }),
      () => formatKey(secrets, key, { format: "pkcs8", passphrase, cost: 1 }),
      () => formatKey(secrets, key, { format: "pkcs8", passphrase, cipher: "aes256-ctr" }),
      () =>
        formatKey(secrets, key, { format: "pkcs8", passphrase, derivation: "scrypt", cost: 1025 }),
      () => formatKey(secrets, key, { format: "openssh", passphrase, derivation: "scrypt" }),
      () => formatPublicKey(key, { format: "pkcs8" as never }),
      () => formatPublicKey({ ...key, publicKey: seed.subarray(1) as never }, { format: "raw" }),
      () => parsePublicKey("ssh-ed25519" as never),
    ]) {
      const error = thrown(call);
      expect(["TypeError", "RangeError"], String(call)).toContain(error.name);
      expect(error.message).toMatch(/^Cannot (parse|format) key /);
    }
    for (const call of [
      () =>
        formatKey(secrets, parse(x25519.export({ type: "pkcs8", format: "der" })), {
          format: "openssh",
        }),
      () =>
        formatKey(secrets, parse(rsa.export({ type: "pkcs8", format: "der" })), { format: "seed" }),
    ]) {
      expect(thrown(call).code).toBe("ERR_LETHE_UNSUPPORTED");
    }
    secrets.purge();
  });
});

describe("public keys", () => {
  it("of each type go through each form and come back", () => {
    for (const [type, object] of Object.entries(ALL)) {
      const publicObject = node.createPublicKey(object);
      const key = parsePublicKey(text(publicObject.export({ type: "spki", format: "der" })));
      expect(key.type).toBe(type);
      const written = formatPublicKey(key, { format: "spki-pem" });
      expect(Buffer.from(written).toString()).toBe(
        publicObject.export({ type: "spki", format: "pem" }),
      );
      const jwk = Buffer.from(formatPublicKey(key, { format: "jwk" })).toString();
      expect(JSON.parse(jwk)).toEqual(publicObject.export({ format: "jwk" }));
      for (const format of ["spki", "spki-pem", "jwk", "openssh"] as const) {
        if (format === "openssh" && type === "x25519") continue;
        const again = parsePublicKey(formatPublicKey(key, { format }));
        expect(again).toMatchObject({ type, bits: key.bits, format });
        expect(again.publicKey).toEqual(key.publicKey);
      }
    }
    const older = node.createPublicKey(rsa).export({ type: "pkcs1", format: "pem" });
    expect(parsePublicKey(text(String(older))).format).toBe("pkcs1-pem");
    const raw = formatPublicKey(parse(pem), { format: "raw" });
    expect(parsePublicKey(raw, { raw: "ed25519" }).publicKey).toEqual(parse(pem).publicKey);
    secrets.purge();
  });

  it("are not read out of private ones, nor private ones out of them", () => {
    const publicPem = String(node.createPublicKey(ed25519).export({ type: "spki", format: "pem" }));
    const publicDer = node.createPublicKey(ed25519).export({ type: "spki", format: "der" });
    const publicJwk = JSON.stringify(node.createPublicKey(ed25519).export({ format: "jwk" }));
    for (const form of [publicPem, publicDer, publicJwk]) {
      expect(refusal(form)).toBe("ERR_LETHE_KEY_FORMAT");
    }
    for (const form of [
      pem,
      der,
      JSON.stringify(jwkOf(ed25519)),
      "x",
      "ssh-ed25519 A\nssh-ed25519 B",
    ]) {
      expect(thrown(() => parsePublicKey(text(form))).code).toBe("ERR_LETHE_KEY_FORMAT");
    }
    const off = jwkOf(p256);
    const wrong = JSON.stringify({ ...off, d: undefined, y: off["x"] });
    expect(thrown(() => parsePublicKey(text(wrong))).code).toBe("ERR_LETHE_KEY_INVALID");
  });
});
