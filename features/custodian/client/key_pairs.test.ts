import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Custodian,
  openCustodian,
  openSecrets,
  parseKey,
} from "../../../adapters/node/mod.ts";
import { copy } from "../../../testing/features/keys/tools.ts";
import { SOAK } from "../../../testing/tier.ts";

const secrets = openSecrets();
let custodian: Custodian;
beforeAll(async () => {
  custodian = await openCustodian({ secrets });
});
afterAll(() => custodian.close());

const MESSAGE = copy(Buffer.from("what is signed"));
const read = (key: node.KeyObject) =>
  parseKey(secrets, copy(key.export({ type: "pkcs8", format: "der" })));

describe("a key pair that is brought in", () => {
  it.each([
    ["ed25519", () => node.generateKeyPairSync("ed25519"), null],
    ["p256", () => node.generateKeyPairSync("ec", { namedCurve: "P-256" }), "sha256"],
    ["p384", () => node.generateKeyPairSync("ec", { namedCurve: "P-384" }), "sha384"],
    ["p521", () => node.generateKeyPairSync("ec", { namedCurve: "P-521" }), "sha512"],
    ["rsa", () => node.generateKeyPairSync("rsa", { modulusLength: 2048 }), "sha256"],
  ] as const)("of type %s signs there, and does not leave", async (type, make, hash) => {
    const { privateKey, publicKey } = make();
    const { secretKey } = read(privateKey);
    await custodian.put(type, secretKey, { type });
    expect(secretKey.state).toBe("destroyed");
    const signature = await custodian.sign(type, MESSAGE);
    const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    expect(node.verify(hash, MESSAGE, key, signature)).toBe(true);
    if (type === "rsa") {
      const pss = await custodian.sign(type, MESSAGE, { hash: "sha384", padding: "pss" });
      const { RSA_PKCS1_PSS_PADDING: padding } = node.constants;
      const theirs = { key: publicKey, padding, saltLength: 48 };
      expect(node.verify("sha384", MESSAGE, theirs, pss)).toBe(true);
      const encryption = {
        key: publicKey,
        oaepHash: "sha512",
        oaepLabel: Buffer.from("for tests"),
      };
      const sealed = node.publicEncrypt(encryption, MESSAGE);
      const opening = { hash: "sha512", additional: Buffer.from("for tests") } as const;
      const opened = await custodian.decrypt(type, sealed, opening);
      expect(opened.expose((bytes) => Buffer.from(bytes))).toEqual(Buffer.from(MESSAGE));
      opened.destroy();
      await expect(custodian.decrypt(type, sealed.subarray(1))).rejects.toMatchObject({
        code: "ERR_LETHE_FORGED",
      });
      await expect(custodian.decrypt(type, sealed, { hash: "md5" as "sha256" })).rejects.toThrow(
        TypeError,
      );
      await expect(custodian.isAuthentic(type, sealed)).rejects.toMatchObject({
        code: "ERR_LETHE_NAME",
      });
    } else {
      await expect(custodian.sign(type, MESSAGE, { hash: "sha256" })).rejects.toThrow(TypeError);
      await expect(custodian.sign(type, MESSAGE, { padding: "pss" })).rejects.toThrow(
        /padding must be left out: it is of type/,
      );
    }
    await expect(custodian.sign(type, MESSAGE, { padding: "none" as "pss" })).rejects.toThrow(
      "padding must be one of pkcs1, pss",
    );
    await expect(custodian.expose(type, () => 0)).rejects.toMatchObject({
      code: "ERR_LETHE_POLICY",
    });
    await expect(custodian.hmac(type, MESSAGE)).rejects.toMatchObject({ code: "ERR_LETHE_NAME" });
  });

  it("has to be one of the type that it is said to be, and stays with the caller otherwise", async () => {
    const { secretKey } = read(node.generateKeyPairSync("ed25519").privateKey);
    secretKey.modify((bytes) => {
      bytes[63] = (bytes[63] as number) ^ 1;
    });
    const put = (type: "ed25519" | "p256" | "rsa"): Promise<void> =>
      custodian.put("wrong", secretKey, { type });
    await expect(put("ed25519")).rejects.toMatchObject({ code: "ERR_LETHE_KEY_INVALID" });
    await expect(put("p256")).rejects.toThrow(RangeError);
    await expect(put("rsa")).rejects.toMatchObject({ code: "ERR_LETHE_KEY_DAMAGED" });
    await expect(put("x448" as "rsa")).rejects.toThrow(TypeError);
    expect(secretKey.state).toBe("guarded");
    secretKey.destroy();
    await expect(custodian.sign("wrong", MESSAGE)).rejects.toMatchObject({
      code: "ERR_LETHE_NAME",
    });
  });
});

/** Of X25519, little-endian: of the orders 4 and 1, of 8 twice, of 2, and two of them not reduced. */
const LOW_ORDER: readonly Uint8Array[] = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
].map((hex) => copy(Buffer.from(hex, "hex")));

/** A point that was altered, one of the right length that is none, one without an ordinate, and infinity. */
function offCurve(point: Uint8Array): readonly Uint8Array[] {
  const altered = copy(point);
  altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
  const half = (point.length - 1) / 2;
  const beyond = copy(Buffer.concat([Buffer.of(2), Buffer.alloc(half, 255)])); // not below the prime
  return [altered, new Uint8Array(point.length).fill(4), beyond, new Uint8Array(1)];
}

describe("a key pair that agrees", () => {
  const PAIRS = [
    ["x25519", () => node.generateKeyPairSync("x25519"), 32],
    ["p256", () => node.generateKeyPairSync("ec", { namedCurve: "P-256" }), 32],
    ["p384", () => node.generateKeyPairSync("ec", { namedCurve: "P-384" }), 48],
    ["p521", () => node.generateKeyPairSync("ec", { namedCurve: "P-521" }), 66],
  ] as const;

  it.each(SOAK ? PAIRS : PAIRS.slice(0, 2))(
    "of type %s has there what OpenSSL has, under its own policy",
    async (type, make, byteLength) => {
      const [ours, theirs] = [make(), make()];
      const [own, peer] = [read(ours.privateKey), read(theirs.privateKey)];
      const [name, shared, kept] = [`agree ${type}`, `shared ${type}`, `kept ${type}`];
      await custodian.put(name, own.secretKey, { type });
      await custodian.agree(name, shared, peer.publicKey, { mayLeave: true });
      const { privateKey } = theirs;
      const expected = node.diffieHellman({ privateKey, publicKey: ours.publicKey });
      expect(expected.length).toBe(byteLength);
      expect(await custodian.expose(shared, (bytes) => Buffer.from(bytes))).toEqual(expected);
      await custodian.agree(name, kept, peer.publicKey);
      const refused = (code: string) => expect.objectContaining({ code });
      await expect(custodian.expose(kept, () => 0)).rejects.toEqual(refused("ERR_LETHE_POLICY"));
      await expect(custodian.agree(name, kept, peer.publicKey)).rejects.toEqual(
        refused("ERR_LETHE_NAME"),
      );
    },
  );

  it.each(SOAK ? PAIRS : PAIRS.slice(0, 2))(
    "of type %s refuses a peer's point off the curve or of low order, and keeps no secret of it",
    async (type, make) => {
      const { secretKey, publicKey } = read(make().privateKey);
      const name = `peers ${type}`;
      await custodian.put(name, secretKey, { type });
      const { count } = await custodian.status({ most: 0 });
      for (const forged of type === "x25519" ? LOW_ORDER : offCurve(publicKey)) {
        await expect(custodian.agree(name, "forged", forged)).rejects.toMatchObject({
          code: "ERR_LETHE_FORGED",
        });
      }
      expect((await custodian.status({ most: 0 })).count).toBe(count);
    },
  );

  it("that is made there never leaves, and no key of another kind agrees", async () => {
    const publicKey = await custodian.generate("made", "x25519");
    const { privateKey, publicKey: other } = node.generateKeyPairSync("x25519");
    await custodian.agree("made", "made shared", read(privateKey).publicKey, { mayLeave: true });
    const jwk = { kty: "OKP", crv: "X25519", x: Buffer.from(publicKey).toString("base64url") };
    const ours = node.createPublicKey({ key: jwk, format: "jwk" });
    const expected = node.diffieHellman({ privateKey, publicKey: ours });
    expect(await custodian.expose("made shared", (bytes) => Buffer.from(bytes))).toEqual(expected);
    const { secretKey } = read(node.generateKeyPairSync("ed25519").privateKey);
    await custodian.put("signs", secretKey, { type: "ed25519" });
    const point = new Uint8Array(other.export({ type: "spki", format: "der" }).subarray(-32));
    for (const [name, code] of [
      ["signs", "ERR_LETHE_NAME"],
      ["nobody", "ERR_LETHE_NAME"],
    ] as const) {
      await expect(custodian.agree(name, "none", point)).rejects.toMatchObject({ code });
    }
    await expect(custodian.expose("made", () => 0)).rejects.toMatchObject({
      code: "ERR_LETHE_POLICY",
    });
    await expect(custodian.sign("made", MESSAGE)).rejects.toMatchObject({ code: "ERR_LETHE_NAME" });
    await expect(custodian.agree("made", "short", point.subarray(1))).rejects.toThrow(RangeError);
    const zeros = secrets.allocate(32);
    await expect(custodian.put("zeros", zeros, { type: "x25519" })).rejects.toMatchObject({
      code: "ERR_LETHE_KEY_INVALID",
    });
  });
});
