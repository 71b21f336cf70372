import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { openSecrets, type SecretBuffer } from "../../adapters/node/mod.ts";
import { thrown } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { openCrypto } from "./open_crypto.ts";
import { formatPasswordHash, parsePasswordHash } from "./password_hash.ts";

const sodium = createRequire(import.meta.url)("sodium-native");
const secrets = openSecrets();
const COST = { passes: 1, memoryBytes: 8192 };
const secretOf = (text: string): SecretBuffer => secrets.move(new TextEncoder().encode(text));

/** Made once, of "correct horse": by libsodium's crypto_pwhash_str, and by OpenSSL's Argon2id. */
const MADE_BY_OTHERS = [
  "$argon2id$v=19$m=64,t=2,p=1$WeURTIzNZTZguGPxj1ghpg$odjv2H5DC6E//M7qjw3sT9JhajeEUVCfbhSpR5tntjU",
  "$argon2id$v=19$m=128,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$ZlJZ3Z1PX+IYirXRTQhoPXMcZ3UdypbQ1h8BPba93rU",
];

const engines = (await openEngines()).map((engine) => [engine.name, engine] as const);

describe.each(engines)("with %s", (_, engine) => {
  const crypto = openCrypto(secrets, { engine });

  it("makes what libsodium verifies, and verifies what libsodium makes", () => {
    const password = secretOf("correct horse");
    const made = crypto.hashPassword(password, { passes: 2, memoryBytes: 16_384 });
    expect(made).toMatch(/^\$argon2id\$v=19\$m=16,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    const stored = Buffer.alloc(sodium.crypto_pwhash_STRBYTES);
    stored.write(made);
    expect(sodium.crypto_pwhash_str_verify(stored, Buffer.from("correct horse"))).toBe(true);
    expect(sodium.crypto_pwhash_str_verify(stored, Buffer.from("correct hors"))).toBe(false);
    const theirs = Buffer.alloc(sodium.crypto_pwhash_STRBYTES);
    sodium.crypto_pwhash_str(theirs, Buffer.from("correct horse"), 1, 8192);
    const end = theirs.indexOf(0);
    for (const hash of [theirs.toString("latin1", 0, end), theirs.subarray(0, end)]) {
      expect(crypto.verifyPassword(password, hash)).toBe(true);
      expect(crypto.verifyPassword(secretOf("correct hors"), hash)).toBe(false);
    }
  });
});

const crypto = openCrypto(secrets);
const made = crypto.hashPassword(secretOf("x"), COST);
const [, , , , salt = "", hash = ""] = made.split("$");
const text = (parts: { head?: string; costs?: string; salt?: string; hash?: string }): string =>
  `$${parts.head ?? "argon2id$v=19"}$${parts.costs ?? "m=8,t=1,p=1"}$${parts.salt ?? salt}$${parts.hash ?? hash}`;

describe("a password hash", () => {
  it("has a fresh salt each time, and is the one text for its parts", () => {
    expect(crypto.hashPassword(secretOf("x"), COST)).not.toBe(made);
    expect(formatPasswordHash(parsePasswordHash(made))).toBe(made);
    expect(text({})).toBe(made);
  });

  it.each(MADE_BY_OTHERS)("of others is verified: %s", (stored) => {
    expect(crypto.verifyPassword(secretOf("correct horse"), stored)).toBe(true);
  });

  it.each([
    ["of another variant", text({ head: "argon2i$v=19" })],
    ["of another version", text({ head: "argon2id$v=16" })],
    ["without a version", text({ head: "argon2id" })],
    ["of another algorithm", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4"],
    ["of bcrypt", "$2b$12$abcdefghijklmnopqrstuu"],
    ["with more lanes", text({ costs: "m=32,t=1,p=4" })],
    ["with another salt", text({ salt: "c29tZXNhbHQ" })],
  ])("%s is unsupported, and says so", (_, stored) => {
    expect(thrown(() => crypto.verifyPassword(secretOf("x"), stored)).code).toBe(
      "ERR_LETHE_UNSUPPORTED",
    );
  });

  it.each([
    ["nothing", ""],
    ["cut", made.slice(0, -2)],
    ["cut in its middle", made.slice(0, 40)],
    ["with a byte behind it", `${made}=`],
    ["with a line end", `${made}\n`],
    ["with a part more", `${made}$`],
    [
      "with bits behind the last byte",
      text({ hash: `${hash.slice(0, -1)}${hash.at(-1) === "B" ? "C" : "B"}` }),
    ],
    ["with a cost of 0", text({ costs: "m=8,t=0,p=1" })],
    ["with a leading zero", text({ costs: "m=08,t=1,p=1" })],
    ["with too little memory", text({ costs: "m=7,t=1,p=1" })],
    ["with costs in another order", text({ costs: "t=1,m=8,p=1" })],
    ["with more than 32 bits of memory", text({ costs: "m=4294967296,t=1,p=1" })],
    ["with letters of another alphabet", text({ salt: salt.replace(/^./, "-") })],
    ["with a short hash", text({ hash: "AAAA" })],
    ["very long", `${made}${"A".repeat(300)}`],
  ])("%s is a RangeError that does not quote it", (_, stored) => {
    const error = thrown(() => crypto.verifyPassword(secretOf("x"), stored));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).not.toContain(salt);
  });

  it("has 16 to 64 bytes, and of its parts quotes none that could be a password", () => {
    const sized = (length: number): string =>
      text({ hash: Buffer.alloc(length, 7).toString("base64").replace(/=+$/, "") });
    for (const length of [16, 64])
      expect(parsePasswordHash(sized(length)).hash.length).toBe(length);
    for (const length of [15, 65]) {
      expect(thrown(() => parsePasswordHash(sized(length)))).toBeInstanceOf(RangeError);
    }
    for (const wrong of ["Pa$Sw0rd!$x", "$Sw0rd!$v=19", `$${"a".repeat(33)}$v=19`, "a$argon2id$"]) {
      const error = thrown(() => parsePasswordHash(wrong));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(/must be a PHC string/);
      expect(error.message).not.toMatch(/Sw0rd|aaa/);
    }
    expect(() => parsePasswordHash(5)).toThrow(
      "hash must be a string or a Uint8Array: current value is a number",
    );
  });

  it("costs no more than is allowed, whatever is stored", () => {
    expect(() =>
      crypto.verifyPassword(secretOf("x"), text({ costs: "m=9,t=2,p=1" }), { mostCost: COST }),
    ).toThrow(/asks for 2 passes over 9 KiB, and at most 1 over 8 KiB are allowed/);
    const dear = text({ costs: "m=1048576,t=1,p=1" });
    expect(thrown(() => crypto.verifyPassword(secretOf("x"), dear)).code).toBe(
      "ERR_LETHE_KEY_COST",
    );
    const slow = text({ costs: "m=8,t=4294967295,p=1" });
    expect(thrown(() => crypto.verifyPassword(secretOf("x"), slow)).code).toBe(
      "ERR_LETHE_KEY_COST",
    );
    const two = crypto.hashPassword(secretOf("x"), { passes: 2, memoryBytes: 8192 });
    expect(thrown(() => crypto.verifyPassword(secretOf("x"), two, { mostCost: COST })).code).toBe(
      "ERR_LETHE_KEY_COST",
    );
    expect(crypto.verifyPassword(secretOf("x"), made, { mostCost: COST })).toBe(true);
  });

  it.each([undefined, null, 1, {}, new Uint16Array(9), secretOf("x")])(
    "is text or bytes: not %s",
    (stored) => {
      expect(thrown(() => crypto.verifyPassword(secretOf("x"), stored as never))).toBeInstanceOf(
        TypeError,
      );
    },
  );
});
