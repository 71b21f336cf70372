import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import {
  ALL,
  bytesOf,
  isKey,
  jwkOf,
  parse,
  pem,
  phrase,
  refusal,
  secrets,
  text,
} from "../../testing/features/keys/parsing.ts";
import { formatKey, parseKey } from "./mod.ts";

const { ed25519, x25519, p256, p384, rsa } = ALL;
afterAll(() => secrets.purge());

describe("private keys", () => {
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
    const own = parse(pem);
    const half = bytesOf(own.secretKey);
    half[63] = (half[63] ?? 0) ^ 1;
    const [other, numbers] = [
      node.generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey,
      rsa,
    ].map((key) => parse(JSON.stringify(jwkOf(key))));
    if (other === undefined || numbers === undefined) throw new Error("not read");
    for (const mixed of [
      { ...own, secretKey: secrets.move(text(half)) },
      { ...numbers, publicKey: other.publicKey },
    ]) {
      const error = thrown(() => formatKey(secrets, mixed, { format: "pkcs8" }));
      expect(error.code).toBe("ERR_LETHE_KEY_INVALID");
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
