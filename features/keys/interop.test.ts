import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import {
  copy,
  isInstalled,
  type Made,
  PASSPHRASE,
  Tools,
} from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import {
  type FormatKeyOptions,
  formatKey,
  formatPublicKey,
  type KeyType,
  type PrivateKey,
  parseKey,
  parsePublicKey,
} from "./mod.ts";

const ROUNDS = SOAK ? 1_000 : 1;
const TYPES: readonly KeyType[] = ["ed25519", "x25519", "p256", "p384", "p521", "rsa"];
/** Every day one, since each starts processes; forms.test.ts has all by Node. */
const TRIED = SOAK ? TYPES : TYPES.filter((type) => type === "ed25519");
/** Each type under another cipher every day; under LETHE_SOAK each round has another one. */
const SSH_CIPHERS = [
  "aes256-ctr",
  "chacha20-poly1305@openssh.com",
  "aes256-cbc",
  "aes256-gcm@openssh.com",
  "aes128-ctr",
  "aes192-ctr",
  "aes192-cbc",
  "aes128-cbc",
  "aes128-gcm@openssh.com",
];
const PBES2 = [
  ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256"],
  ["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"],
  ["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA1"],
  ["-scrypt", "-scrypt_N", "1024"],
  ["-v2", "aes-256-cbc", "-iter", "1", "-outform", "DER"],
];

const tools = new Tools();
const secrets = openSecrets();
const passphrase = secrets.move(copy(Buffer.from(PASSPHRASE)));
afterAll(() => {
  tools.remove();
  secrets.purge();
});

const bytesOf = (secret: SecretBuffer): Buffer => secret.expose((bytes) => Buffer.from(bytes));
const read = ({ bytes, encrypted }: Made): PrivateKey =>
  parseKey(secrets, bytes.slice(), encrypted ? { passphrase } : {});

/** The public key as Node reads it out of what openssl made of the key. */
function expectSame(key: PrivateKey, pem: Uint8Array): void {
  const spki = node.createPublicKey(Buffer.from(pem)).export({ type: "spki", format: "der" });
  expect(Buffer.from(formatPublicKey(key, { format: "spki" }))).toEqual(spki);
  expect(parsePublicKey(copy(spki)).publicKey).toEqual(key.publicKey);
}

describe.skipIf(!isInstalled("ssh-keygen") || !isInstalled("openssl"))(
  "keys, both ways (skipped without ssh-keygen and openssl)",
  () => {
    it.each(TRIED)(
      "%s: what openssl made, plain and encrypted, is read",
      { timeout: 7_200_000 },
      (type) => {
        for (let round = 0; round < ROUNDS; round++) {
          const made = tools.openssl(type, ...(round % 2 === 0 ? [] : ["-outform", "DER"]));
          const key = read(made);
          expect(key).toMatchObject({ type, encrypted: false });
          expectSame(key, tools.pkey(made.bytes, "-pubout"));
          const way = PBES2[(round + TYPES.indexOf(type)) % PBES2.length] ?? [];
          const again = read(tools.topk8(made, ...way));
          expect(again).toMatchObject({ type, encrypted: true });
          expect(again.secretKey.equals(key.secretKey)).toBe(true);
          for (const { secretKey } of [key, again]) secretKey.destroy();
        }
      },
    );

    it.each(TRIED.filter((type) => type !== "x25519"))(
      "%s: what ssh-keygen made, plain and encrypted, is read",
      { timeout: 7_200_000 },
      (type) => {
        for (let round = 0; round < ROUNDS; round++) {
          const cipher = SSH_CIPHERS[(round + TYPES.indexOf(type)) % SSH_CIPHERS.length] ?? "";
          for (const made of [tools.ssh(type, false), tools.ssh(type, true, "-Z", cipher)]) {
            const key = read(made);
            expect(key).toMatchObject({ type, format: "openssh", encrypted: made.encrypted });
            expect(Buffer.from(key.comment ?? []).toString()).toBe("me@here");
            const line = tools.publicLine(made.bytes, made.encrypted);
            const comment = Buffer.from("me@here");
            expect(
              Buffer.from(formatPublicKey(key, { format: "openssh", comment })).toString(),
            ).toBe(line);
            expect(parsePublicKey(copy(Buffer.from(line))).publicKey).toEqual(key.publicKey);
            key.secretKey.destroy();
          }
        }
      },
    );

    it.each((["p256", "p384", "p521", "rsa"] as const).filter((type) => TRIED.includes(type)))(
      "%s: SEC 1 and PKCS#1 are read",
      (type) => {
        const made = tools.openssl(type);
        const key = read(made);
        const older = tools.pkey(made.bytes, "-traditional");
        const parsed = read({ bytes: older, encrypted: false });
        expect(parsed.format).toBe(type === "rsa" ? "pkcs1-pem" : "sec1-pem");
        expect(parsed.secretKey.equals(key.secretKey)).toBe(true);
        const der = tools.pkey(made.bytes, "-traditional", "-outform", "DER");
        expect(read({ bytes: der, encrypted: false }).format).toBe(
          type === "rsa" ? "pkcs1" : "sec1",
        );
        const compressed = type === "rsa" ? [] : ["-ec_conv_form", "compressed"];
        expect(
          read({ bytes: tools.pkey(made.bytes, ...compressed), encrypted: false }).publicKey,
        ).toEqual(key.publicKey);
      },
    );

    it.each(TRIED)("%s: openssl and Node read what is written", { timeout: 7_200_000 }, (type) => {
      for (let round = 0; round < ROUNDS; round++) {
        const made = tools.openssl(type);
        const key = read(made);
        const expected = node.createPrivateKey(Buffer.from(made.bytes)).export({ format: "jwk" });
        for (const more of PKCS8[(round + TYPES.indexOf(type)) % PKCS8.length] ?? []) {
          const text = formatKey(secrets, key, more);
          const written = bytesOf(text);
          const form =
            more.format === "pkcs8" ? { format: "der", type: "pkcs8" } : { format: "pem" };
          const phrase = { ...form, key: written, passphrase: PASSPHRASE } as node.PrivateKeyInput;
          expect(node.createPrivateKey(phrase).export({ format: "jwk" })).toEqual(expected);
          const inform = more.format === "pkcs8" ? "DER" : "PEM";
          tools.pkey(
            written,
            "-noout",
            "-inform",
            inform,
            ...(type === "x25519" ? [] : ["-check"]),
          );
          text.destroy();
        }
        const jwk = formatKey(secrets, key, { format: "jwk" });
        expect(JSON.parse(bytesOf(jwk).toString())).toEqual(expected);
        const back = parseKey(secrets, jwk);
        expect(back.secretKey.equals(key.secretKey)).toBe(true);
        back.secretKey.destroy();
        jwk.destroy();
        key.secretKey.destroy();
      }
    });

    it.each(TRIED.filter((type) => type !== "x25519"))(
      "%s: ssh-keygen reads what is written",
      { timeout: 7_200_000 },
      (type) => {
        for (let round = 0; round < ROUNDS; round++) {
          const key = read(tools.ssh(type, false));
          const comment = copy(Buffer.from("me@here"));
          const line = Buffer.from(formatPublicKey(key, { format: "openssh", comment })).toString();
          const cipher = round % 2 === 0 ? "chacha20-poly1305@openssh.com" : "aes256-ctr";
          for (const more of [{}, { passphrase, cost: 1 + (round % 3), cipher }] as const) {
            const text = formatKey(secrets, key, { format: "openssh", comment, ...more });
            expect(tools.publicLine(bytesOf(text), "passphrase" in more)).toBe(line);
            text.destroy();
          }
          key.secretKey.destroy();
        }
      },
    );
  },
);

/** Some of these each round. */
const PKCS8: readonly (readonly FormatKeyOptions[])[] = [
  [{ format: "pkcs8-pem" }, { format: "pkcs8", passphrase, cost: 1000 }],
  [{ format: "pkcs8" }, { format: "pkcs8-pem", passphrase, derivation: "scrypt", cost: 1024 }],
  [{ format: "pkcs8-pem" }, { format: "pkcs8-pem", passphrase, cipher: "aes-128-cbc", cost: 1000 }],
];

it("WebCrypto imports what is written, and Lethe signs with the key", async () => {
  const pair = node.generateKeyPairSync("ed25519");
  const der = copy(pair.privateKey.export({ type: "pkcs8", format: "der" }));
  const key = parseKey(secrets, der);
  expect(der.every((byte) => byte === 0)).toBe(true);
  const text = formatKey(secrets, key, { format: "pkcs8" });
  const { subtle } = node.webcrypto;
  const imported = await subtle.importKey("pkcs8", copy(bytesOf(text)), "Ed25519", false, ["sign"]);
  const message = Buffer.from("message");
  const signature = Buffer.from(await subtle.sign("Ed25519", imported, message));
  expect(node.verify(null, message, pair.publicKey, signature)).toBe(true);
  for (const type of ["p256", "rsa"] as const) {
    const other =
      type === "rsa"
        ? node.generateKeyPairSync("rsa", { modulusLength: 2048 })
        : node.generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = copy(Buffer.from(JSON.stringify(other.privateKey.export({ format: "jwk" }))));
    const read = parseKey(secrets, jwk);
    const again = JSON.parse(bytesOf(formatKey(secrets, read, { format: "jwk" })).toString());
    const algorithm =
      type === "rsa"
        ? { name: "RSA-PSS", hash: "SHA-256" }
        : { name: "ECDSA", namedCurve: "P-256" };
    expect((await subtle.importKey("jwk", again, algorithm, false, ["sign"])).type).toBe("private");
  }
});
