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

const PLACE = { place: "secure heap" } as const;
const MESSAGE = copy(Buffer.from("what is signed"));
const curve = (namedCurve: string) => () => node.generateKeyPairSync("ec", { namedCurve });
/** One for all: to make one takes longer than to use it. */
const RSA = node.generateKeyPairSync("rsa", { modulusLength: 2048 });
const read = (key: node.KeyObject) =>
  parseKey(secrets, copy(key.export({ type: "pkcs8", format: "der" })));

async function used(of: Custodian = custodian): Promise<number> {
  return (await of.status({ most: 0 })).secureHeap.used;
}

/** Type, key, hash of its signatures, and the bytes of its secret numbers. */
const PAIRS = [
  ["ed25519", () => node.generateKeyPairSync("ed25519"), null, 32],
  ["p256", curve("P-256"), "sha256", 32],
  ["rsa", () => RSA, "sha256", 512],
  ...(SOAK
    ? ([
        ["p384", curve("P-384"), "sha384", 48],
        ["p521", curve("P-521"), "sha512", 66],
        ["rsa", () => node.generateKeyPairSync("rsa", { modulusLength: 4096 }), "sha256", 1024],
      ] as const)
    : []),
] as const;

describe("a key pair in the secure heap", () => {
  it.each(PAIRS)(
    "of type %s makes it grow, signs by OpenSSL, and makes it shrink",
    async (...row) => {
      const [type, make, hash, least] = row;
      const { privateKey, publicKey } = make();
      const before = await used();
      await custodian.put(type, read(privateKey).secretKey, { type, ...PLACE });
      const held = await used();
      expect(held - before).toBeGreaterThanOrEqual(least);
      const signature = await custodian.sign(type, MESSAGE);
      const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
      expect(node.verify(hash, MESSAGE, key, signature)).toBe(true);
      // OpenSSL draws the nonces of ECDSA; the others have none, or one that follows from the message.
      const again = await custodian.sign(type, MESSAGE);
      expect(Buffer.compare(signature, again) === 0).toBe(!type.startsWith("p"));
      const { secrets: found } = await custodian.status();
      expect(found).toEqual([expect.objectContaining({ name: type, type, ...PLACE })]);
      await expect(custodian.expose(type, () => 0)).rejects.toMatchObject({
        code: "ERR_LETHE_POLICY",
      });
      const copyOfIt = read(privateKey).secretKey;
      await expect(custodian.equals(type, copyOfIt)).rejects.toMatchObject({
        code: "ERR_LETHE_UNSUPPORTED",
        message: expect.stringContaining("put it into the vault, by leaving out place"),
      });
      copyOfIt.destroy();
      expect(await used()).toBe(held);
      await custodian.delete(type);
      expect(await used()).toBe(before);
    },
  );

  it("of type rsa signs with each hash and padding, and decrypts", async () => {
    const { privateKey, publicKey } = RSA;
    await custodian.put("rsa", read(privateKey).secretKey, { type: "rsa", ...PLACE });
    const { RSA_PKCS1_PSS_PADDING: padding } = node.constants;
    for (const [hash, saltLength] of [
      ["sha256", 32],
      ["sha384", 48],
      ["sha512", 64],
    ] as const) {
      const pss = await custodian.sign("rsa", MESSAGE, { hash, padding: "pss" });
      expect(node.verify(hash, MESSAGE, { key: publicKey, padding, saltLength }, pss)).toBe(true);
      expect(await custodian.sign("rsa", MESSAGE, { hash })).toEqual(
        new Uint8Array(node.sign(hash, MESSAGE, privateKey)),
      );
      const label = Buffer.from("for tests");
      const sealing = { key: publicKey, oaepHash: hash, oaepLabel: label };
      const sealed = node.publicEncrypt(sealing, MESSAGE);
      const opened = await custodian.decrypt("rsa", sealed, { hash, additional: label });
      expect(opened.expose((bytes) => Buffer.from(bytes))).toEqual(Buffer.from(MESSAGE));
      opened.destroy();
      for (const options of [
        { hash },
        { hash: hash === "sha256" ? "sha512" : "sha256", additional: label },
      ] as const) {
        await expect(custodian.decrypt("rsa", sealed, options)).rejects.toMatchObject({
          code: "ERR_LETHE_FORGED",
        });
      }
      await expect(
        custodian.decrypt("rsa", sealed.subarray(1), { hash, additional: label }),
      ).rejects.toMatchObject({ code: "ERR_LETHE_FORGED" });
    }
    // RFC 8017, section 7.1.2, step 1: also where what is missing is a zero.
    const sealed = (): Buffer =>
      node.publicEncrypt({ key: publicKey, oaepHash: "sha256" }, MESSAGE);
    let short = sealed();
    while (short[0] !== 0) short = sealed();
    (await custodian.decrypt("rsa", short)).destroy();
    await expect(custodian.decrypt("rsa", short.subarray(1))).rejects.toMatchObject({
      code: "ERR_LETHE_FORGED",
    });
    const empty = node.publicEncrypt({ key: publicKey, oaepHash: "sha256" }, new Uint8Array(0));
    await expect(custodian.decrypt("rsa", empty)).rejects.toThrow(RangeError);
    await expect(custodian.sign("rsa", MESSAGE, { padding: "none" as "pss" })).rejects.toThrow(
      TypeError,
    );
    await custodian.delete("rsa");
  });

  it.each([
    ["x25519", () => node.generateKeyPairSync("x25519")],
    ["p256", curve("P-256")],
    ...(SOAK
      ? ([
          ["p384", curve("P-384")],
          ["p521", curve("P-521")],
        ] as const)
      : []),
  ] as const)(
    "of type %s agrees with its peer, and with none that is forged",
    async (type, make) => {
      const [ours, theirs] = [make(), make()];
      const peer = read(theirs.privateKey).publicKey;
      await custodian.put(type, read(ours.privateKey).secretKey, { type, ...PLACE });
      await custodian.agree(type, "shared", peer, { mayLeave: true });
      const { privateKey } = theirs;
      expect(await custodian.expose("shared", (bytes) => Buffer.from(bytes))).toEqual(
        node.diffieHellman({ privateKey, publicKey: ours.publicKey }),
      );
      const zeros = new Uint8Array(peer.length);
      const altered = copy(peer);
      altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
      for (const forged of type === "x25519" ? [zeros] : [zeros, altered]) {
        await expect(custodian.agree(type, "forged", forged)).rejects.toMatchObject({
          code: "ERR_LETHE_FORGED",
        });
      }
      if (type === "x25519") {
        await expect(custodian.agree(type, "forged", peer.subarray(1))).rejects.toThrow(RangeError);
      } else {
        await expect(custodian.sign(type, MESSAGE, { hash: "sha256" })).rejects.toThrow(TypeError);
      }
      await custodian.delete(type);
      await custodian.delete("shared");
    },
  );

  it("is gone from there after its last use, and when it expires", async () => {
    const before = await used();
    const publicKey = await custodian.generate("once", "ed25519", { uses: 2, ...PLACE });
    const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
    const key = node.createPublicKey({ key: jwk, format: "jwk" });
    expect(node.verify(null, MESSAGE, key, await custodian.sign("once", MESSAGE))).toBe(true);
    expect(await used()).toBe(before + 32);
    await custodian.sign("once", MESSAGE);
    expect(await used()).toBe(before);
    await expect(custodian.sign("once", MESSAGE)).rejects.toMatchObject({
      code: "ERR_LETHE_POLICY",
    });
    await custodian.generate("brief", "x25519", { expires: new Date(Date.now() + 300), ...PLACE });
    expect(await used()).toBe(before + 32);
    await expect.poll(() => used(), { timeout: 10_000 }).toBe(before);
    for (const name of ["once", "brief"]) await custodian.delete(name);
  });

  it("is a pair, may not leave, and leaves the caller's secret whole when it is refused", async () => {
    const { secretKey } = read(node.generateKeyPairSync("ed25519").privateKey);
    const put = (options: object): Promise<void> => custodian.put("refused", secretKey, options);
    await expect(put({ type: "ed25519", mayLeave: true, ...PLACE })).rejects.toThrow(TypeError);
    await expect(put({ type: "key", ...PLACE })).rejects.toThrow(
      /takes only key pairs that may not leave/,
    );
    await expect(put({ type: "ed25519", place: "heap" })).rejects.toThrow(/vault, secure heap/);
    const before = await used();
    await expect(put({ type: "x25519", ...PLACE })).rejects.toThrow(RangeError);
    expect(await used()).toBe(before);
    expect(secretKey.state).toBe("guarded");
    await put({ type: "ed25519", place: "vault" });
    expect((await custodian.status()).secrets[0]?.place).toBe("vault");
    await custodian.delete("refused");
  });

  const REFUSALS: readonly (readonly [secureHeapBytes: number, reason: RegExp])[] = [
    [
      0,
      /this process has none; Node.js alone has one, unless secureHeapBytes is 0, or put it into/,
    ],
    [1024, /no room for another key \(.*secure malloc failure\); delete others there, give Node/],
    [2, /it did not grow by 5\d\d bytes when the key was made \(0 bytes, then 0\); delete others/],
  ];
  it.each(SOAK ? REFUSALS : [])(
    "is refused with its reason where the heap has %i bytes",
    async (secureHeapBytes, reason) => {
      const small = await openCustodian({ secrets, secureHeapBytes });
      try {
        const before = await used(small);
        const { secretKey } = read(RSA.privateKey);
        await expect(small.put("rsa", secretKey, { type: "rsa", ...PLACE })).rejects.toMatchObject({
          code: "ERR_LETHE_SECURE_HEAP",
          message: expect.stringMatching(reason),
        });
        expect(await used(small)).toBe(before);
        await small.put("rsa", secretKey, { type: "rsa" });
      } finally {
        await small.close();
      }
    },
  );
});
