import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import {
  ALL,
  der,
  jwkOf,
  parse,
  pem,
  phrase,
  refusal,
  secrets,
  seed,
  text,
} from "../../testing/features/keys/parsing.ts";
import { formatKey, formatPublicKey, parseKey, parsePublicKey } from "./mod.ts";

const { ed25519, x25519, p256, rsa } = ALL;
afterAll(() => secrets.purge());

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
      () =>
        formatKey(secrets, { ...key, secretKey: key.secretKey.slice(0, 32) }, { format: "jwk" }),
      () => formatKey(secrets, key, { format: "sec1" as never }),
      () => formatKey(secrets, key, undefined as never),
      () => formatKey(secrets, key, { format: "jwk", passphrase }),
      () => formatKey(secrets, key, { format: "seed", comment: text("x") }),
      () => formatKey(secrets, key, { format: "jwk", comment: text("a\tb") }),
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
    const comment = text("CORP\\alice  at home");
    const line = Buffer.from(formatPublicKey(parse(pem), { format: "openssh", comment }));
    const blank = line.toString().replace(" ", "\t ").replace(" CORP", " \tCORP");
    expect(parsePublicKey(text(blank))).toEqual(parsePublicKey(text(line)));
    expect(Buffer.from(parsePublicKey(text(line)).comment ?? [])).toEqual(Buffer.from(comment));
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
    const withExponent = (byteLength: number): Uint8Array => {
      const e = Buffer.alloc(byteLength, 1).toString("base64url");
      return text(JSON.stringify({ ...node.createPublicKey(rsa).export({ format: "jwk" }), e }));
    };
    expect(parsePublicKey(withExponent(32)).type).toBe("rsa");
    const { code, message } = thrown(() => parsePublicKey(withExponent(33)));
    expect([code, message]).toEqual(["ERR_LETHE_UNSUPPORTED", expect.stringContaining("256 bits")]);
  });
});
