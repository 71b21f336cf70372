import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { codeOf, open, path, phrase, useScene } from "../../testing/features/key_files/scene.ts";
import { SOAK } from "../../testing/tier.ts";
import { knownFormatOf } from "./known_formats.ts";

useScene();

const ed25519 = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = randomBytes(32);
const text = (...lines: readonly string[]): Buffer => Buffer.from(`${lines.join("\n")}\n`);

const COUNT = !SOAK ? 20_000 : 2_000_000;

/** Files that somebody may give the path of, each with what it is called. */
const FILES: readonly (readonly [what: string, named: RegExp, file: Buffer | string])[] = [
  ["PKCS#8 PEM", /PEM/, ed25519.privateKey.export({ format: "pem", type: "pkcs8" })],
  ["PKCS#1 PEM", /PEM/, rsa.privateKey.export({ format: "pem", type: "pkcs1" })],
  [
    "encrypted PEM",
    /PEM/,
    rsa.privateKey.export({
      format: "pem",
      type: "pkcs8",
      cipher: "aes-256-cbc",
      passphrase: "x",
    }),
  ],
  ["public PEM", /PEM/, ed25519.publicKey.export({ format: "pem", type: "spki" })],
  [
    "PEM behind a BOM",
    /PEM/,
    `\ufeff${ed25519.privateKey.export({ format: "pem", type: "pkcs8" })}`,
  ],
  ["PKCS#8 DER", /DER/, ed25519.privateKey.export({ format: "der", type: "pkcs8" })],
  ["PKCS#1 DER", /DER/, rsa.privateKey.export({ format: "der", type: "pkcs1" })],
  ["SEC 1 DER", /DER/, ec.privateKey.export({ format: "der", type: "sec1" })],
  ["SPKI DER", /DER/, ed25519.publicKey.export({ format: "der", type: "spki" })],
  [
    "encrypted DER",
    /DER/,
    ed25519.privateKey.export({
      format: "der",
      type: "pkcs8",
      cipher: "aes-256-cbc",
      passphrase: "x",
    }),
  ],
  ["JWK", /JSON/, JSON.stringify(ed25519.privateKey.export({ format: "jwk" }))],
  ["pretty JWK", /JSON/, JSON.stringify(ec.privateKey.export({ format: "jwk" }), null, 2)],
  ["JSON numbers", /JSON/, JSON.stringify([...key])],
  [
    "OpenSSH",
    /OpenSSH/,
    text("-----BEGIN OPENSSH PRIVATE KEY-----", key.toString("base64"), "-----END OPENSSH"),
  ],
  ["OpenSSH public", /SSH/, text(`ssh-ed25519 ${key.toString("base64")} me@here`)],
  ["PuTTY", /PuTTY/, text("PuTTY-User-Key-File-3: ssh-ed25519", "Encryption: none")],
  ["OpenPGP", /OpenPGP/, text("-----BEGIN PGP PRIVATE KEY BLOCK-----", "", "lFgE")],
  [
    "age",
    /age/,
    text("AGE-SECRET-KEY-1QQPQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"),
  ],
  ["age-keygen", /age/, text("# created: 2026-01-01T00:00:00Z", "# public key: age1x", "AGE-")],
  ["age file", /age/, text("age-encryption.org/v1", "-> X25519 abc")],
  ["minisign", /minisign/, text("untrusted comment: minisign encrypted secret key", "RWRTY0Iy")],
  ["Ansible", /Ansible/, text("$ANSIBLE_VAULT;1.1;AES256", "3338323131303934643866")],
  ["openssl enc", /openssl enc/, Buffer.concat([Buffer.from("Salted__"), key])],
  ["openssl enc -a", /openssl enc/, text(`U2FsdGVkX1${key.toString("base64")}`)],
  ["a hash", /hash/, "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b0d"],
  ["hex", /hex/, key.toString("hex")],
  ["hex with a newline", /hex/, `${key.toString("hex")}\n`],
  ["upper hex of 16 bytes", /hex/, key.subarray(0, 16).toString("hex").toUpperCase()],
  ["hex with 0x", /hex/, `0x${key.toString("hex")}`],
  ["hex with colons", /hex/, key.toString("hex").replace(/..(?=.)/g, "$&:")],
  ["base64", /base64/, key.toString("base64")],
  ["base64 with CR LF", /base64/, `${key.toString("base64")}\r\n`],
  ["base64 of 64 bytes", /base64/, Buffer.concat([key, key]).toString("base64")],
  ["base64url", /base64/, key.toString("base64url")],
  ["base32", /base32/, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSW===="],
  ["UTF-16", /UTF-16/, Buffer.from(`\ufeff${key.toString("hex")}`, "utf16le")],
  ["UTF-16 without BOM", /UTF-16/, Buffer.from(key.toString("hex"), "utf16le")],
  ["a manifest", /several lines/, text("apiVersion: v1", "kind: Secret", "data: {}", "type: x")],
  ["gzip", /compressed/, gzipSync(key)],
  ["zip", /compressed/, Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), key])],
  ["zstd", /compressed/, Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), key])],
  ["xz", /compressed/, Buffer.concat([Buffer.from([0xfd]), Buffer.from("7zXZ\0"), key])],
  ["bzip2", /compressed/, Buffer.concat([Buffer.from("BZh91AY&SY"), key])],
  ["a Java store", /key store/, Buffer.concat([Buffer.from("feedfeed", "hex"), key])],
  ["KeePass", /key store/, Buffer.concat([Buffer.from("03d9a29a67fb4bb5", "hex"), key])],
];

function put(file: Buffer | string): number {
  writeFileSync(path(), file);
  chmodSync(path(), 0o400);
  return Buffer.from(file).length;
}

describe("a file in another format is not a raw key", () => {
  it.each(FILES)("%s", (_, named, file) => {
    const length = put(file);
    const keys = open();
    for (const attempt of [
      () => keys.read(path(), length),
      () => keys.read(path(), length + 1),
      () => keys.rotate(path(), length),
      () => keys.seal(path(), length, { passphrase: phrase() }),
    ]) {
      expect(codeOf(attempt)).toBe("ERR_LETHE_KEY_FORMAT");
    }
    expect(() => keys.read(path(), length)).toThrow(named);
    expect(() => keys.read(path(), length)).toThrow(/; .+, or pass asIs: true \(--as-is\)/);
    expect(keys.inspect(path())).toMatchObject({ form: "plain", looksLike: expect.any(String) });
    expect(keys.read(path(), length, { asIs: true }).byteLength).toBe(length);
  });

  it("is sealed, and opened again, when it is to be taken as it is", () => {
    const keys = open();
    const length = put(key.toString("hex"));
    keys.seal(path(), length, { passphrase: phrase(), asIs: true });
    expect(keys.read(path(), length, { passphrase: phrase() }).byteLength).toBe(length);
  });
});

describe("what is none of them", () => {
  it.each([
    ["a token", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"],
    ["a key of a service", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"],
    ["an access key", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12"],
    ["a passphrase", "correct horse battery staple\n"],
    ["a number", "12345678"],
    ["zeros", Buffer.alloc(8)],
    ["16 letters", "0123456789abcdxy"],
  ])("%s", (_, file) => {
    expect(open().read(path(), put(file)).byteLength).toBe(Buffer.from(file).length);
  });

  it("a random key of a usual size", () => {
    const sizes = [16, 24, 32, 48, 64];
    let block = createHash("sha512").update("seed").digest();
    for (let count = 0; count < COUNT; count++) {
      if (count % 512 === 0) block = randomBytes(64 + 512);
      const size = sizes[count % sizes.length] as number;
      const found = knownFormatOf(block.subarray(count % 512, (count % 512) + size), true);
      if (found !== null) expect(found).toBeNull();
    }
  });
});
