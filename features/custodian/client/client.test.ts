import { createHmac, createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Custodian,
  openCustodian,
  openSecrets,
  type SecretBuffer,
} from "../../../adapters/node/mod.ts";

const secrets = openSecrets();
let custodian: Custodian;
beforeAll(async () => {
  custodian = await openCustodian({ secrets });
});
afterAll(() => custodian.close());

const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function secretOf(...bytes: number[]): SecretBuffer {
  const secret = secrets.allocate(bytes.length);
  secret.modify((view) => view.set(bytes));
  return secret;
}

describe("a custodian", () => {
  it("takes a secret and destroys it here, and gives it back for one call", async () => {
    const secret = secretOf(1, 2, 3, 4);
    await custodian.put("four", secret, { mayLeave: true });
    expect(secret.state).toBe("destroyed");
    let escaped: Uint8Array | undefined;
    const sum = await custodian.expose("four", (bytes) => {
      escaped = bytes;
      return bytes.reduce((total, byte) => total + byte);
    });
    expect(sum).toBe(10);
    expect(escaped?.length).toBe(0);
    expect(secrets.stats.live).toBeLessThanOrEqual(4); // two of the channel, buffers of arrivals
  });

  it("lends for as long as an async use takes, and passes on what it throws", async () => {
    const late = custodian.expose("four", async (bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return bytes[3];
    });
    expect(await late).toBe(4);
    const failed = custodian.expose("four", () => {
      throw new RangeError("of the caller");
    });
    await expect(failed).rejects.toThrow("of the caller");
    expect(await custodian.expose("four", (bytes) => [...bytes])).toEqual([1, 2, 3, 4]);
  });

  it("gives bytes of an ArrayBuffer, as fetch and WebCrypto take them", async () => {
    const publicKey: Uint8Array<ArrayBuffer> = await custodian.generate("pair", "ed25519");
    const signature: Uint8Array<ArrayBuffer> = await custodian.sign("pair", text("data"));
    await custodian.generate("sealing", "key");
    const sealed: Uint8Array<ArrayBuffer> = await custodian.encrypt("sealing", text("data"));
    const buffers = [publicKey, signature, sealed].map(({ buffer }) => buffer);
    expect(buffers.every((buffer) => buffer instanceof ArrayBuffer)).toBe(true);
    expect(new Set(buffers).size).toBe(3);
  });

  it("keeps what may not leave, and uses it where it is", async () => {
    await custodian.generate("stays", "key");
    await expect(custodian.expose("stays", () => 1)).rejects.toEqual(code("ERR_LETHE_POLICY"));
    const tag = await custodian.hmac("stays", text("data"));
    expect(tag.byteLength).toBe(32);
    tag.destroy();
  });

  it("authenticates as published", async () => {
    await custodian.put("mac", secretOf(11, 12, 13, 14));
    for (const hash of ["sha256", "sha512"] as const) {
      const expected = createHmac(hash, Uint8Array.of(11, 12, 13, 14))
        .update("data")
        .digest();
      for (const message of [text("data"), secretOf(...text("data"))]) {
        const tag = await custodian.hmac("mac", message, { hash });
        expect(tag.equals(expected)).toBe(true);
        expect(await custodian.verifyHmac("mac", message, expected, { hash })).toBe(true);
        for (const wrong of [expected.subarray(1), expected.map((byte) => byte ^ 1)]) {
          expect(await custodian.verifyHmac("mac", message, wrong, { hash })).toBe(false);
        }
        tag.destroy();
      }
    }
  });

  it("signs as published", async () => {
    const publicKey: Uint8Array = await custodian.generate("signer", "ed25519");
    const signature = await custodian.sign("signer", text("data"));
    const x = Buffer.from(publicKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    expect(verify(null, text("data"), key, signature)).toBe(true);
    const message = secretOf(...text("data"));
    expect([...(await custodian.sign("signer", message))]).toEqual([...signature]);
    message.destroy();
    await expect(custodian.sign("stays", text("data"))).rejects.toEqual(code("ERR_LETHE_NAME"));
  });

  it("takes a secret that was destroyed before the call for misuse, and one that is destroyed on its way for none", async () => {
    const secret = secretOf(1);
    const onItsWay = custodian.hmac("stays", secret);
    secret.destroy();
    const misuse = /^Cannot expose secret: it was destroyed$/; // the words of the secret itself
    for (const call of [
      custodian.put("late", secret),
      custodian.equals("stays", secret),
      custodian.encrypt("stays", secret),
      custodian.hmac("stays", secret),
    ]) {
      await expect(call).rejects.toThrow(misuse);
    }
    await expect(onItsWay).rejects.toThrow(/: its secret was destroyed before it was sent$/);
  });

  it("encrypts and decrypts, and refuses what was altered or belongs elsewhere", async () => {
    await custodian.generate("cipher", "key");
    const secret = secretOf(5, 6, 7);
    const sealed = await custodian.encrypt("cipher", secret, { additional: text("context") });
    expect(secret.state).toBe("guarded");
    const back = await custodian.decrypt("cipher", sealed, { additional: text("context") });
    expect(back.equals(secret)).toBe(true);
    back.destroy();
    const altered = sealed.slice();
    (altered[30] as number) ^= 1;
    for (const [data, context] of [
      [altered, "context"],
      [sealed, "another"],
      [sealed.subarray(0, 39), "context"],
    ] as const) {
      const options = { additional: text(context) };
      await expect(custodian.decrypt("cipher", data, options)).rejects.toEqual(
        code("ERR_LETHE_FORGED"),
      );
      expect(await custodian.isAuthentic("cipher", data, options)).toBe(false);
    }
    secret.destroy();
  });

  it("derives keys that depend on the secret and the context, and compares", async () => {
    await custodian.derive("stays", "one", text("one"));
    await custodian.derive("stays", "same", text("one"));
    await custodian.derive("stays", "two", text("two"), { byteLength: 32 });
    expect(await custodian.equals("one", "same")).toBe(true);
    expect(await custodian.equals("one", "two")).toBe(false);
    await custodian.derive("stays", "leaves", text("one"), { mayLeave: true });
    expect(await custodian.expose("leaves", (bytes) => bytes.length)).toBe(32);
    for (const name of ["stays", "one"]) {
      await expect(custodian.expose(name, () => 0)).rejects.toEqual(code("ERR_LETHE_POLICY"));
    }
    const four = secretOf(1, 2, 3, 4);
    expect(await custodian.equals("four", four)).toBe(true);
    expect(await custodian.equals("mac", four)).toBe(false);
    four.destroy();
  });

  it("checks passwords", async () => {
    const typed = secretOf(...text("correct horse"));
    await custodian.put("password", typed);
    const stored = await custodian.hashPassword("password", { passes: 1, memoryBytes: 8192 });
    expect(await custodian.verifyPassword("password", stored)).toBe(true);
    expect(await custodian.verifyPassword("four", stored)).toBe(false);
    const again = await custodian.hashPassword("password", { passes: 1, memoryBytes: 8192 });
    expect(again).not.toBe(stored);
    await expect(
      custodian.hashPassword("signer", { passes: 1, memoryBytes: 8192 }),
    ).rejects.toEqual(code("ERR_LETHE_NAME"));
    await expect(
      custodian.hashPassword("password", { passes: 2 ** 20, memoryBytes: 8192 }),
    ).rejects.toThrow(RangeError);
  });

  it("keeps secrets of every size apart", async () => {
    const sizes = [1, 15, 16, 17, 63, 64, 65, 1951, 1952, 1953, 4096, 65_535, 65_536];
    for (const size of sizes) {
      const secret = secrets.random(size);
      const copy = secret.clone();
      await custodian.put(`size ${size}`, secret, { mayLeave: true });
      expect(await custodian.expose(`size ${size}`, (bytes) => copy.equals(bytes))).toBe(true);
      copy.destroy();
    }
    const tooLong = secrets.random(65_537);
    await expect(custodian.put("too long", tooLong)).rejects.toThrow(RangeError);
    expect(tooLong.state).toBe("guarded");
    tooLong.destroy();
    const all = await Promise.all(
      Array.from({ length: 300 }, () => custodian.expose("size 65536", (bytes) => bytes.length)),
    );
    expect(new Set(all)).toEqual(new Set([65_536]));
  });
});

describe("a policy", () => {
  it("ends a secret with its last use, which frees its name", async () => {
    const { count } = await custodian.status();
    await custodian.put("twice", secretOf(1), { mayLeave: true, uses: 2 });
    await custodian.expose("twice", () => undefined);
    await custodian.expose("twice", () => undefined);
    await expect(custodian.expose("twice", () => undefined)).rejects.toThrow(/last use is spent/);
    expect(await custodian.status()).toMatchObject({ count });
    await custodian.put("twice", secretOf(2));
    await custodian.delete("twice");
  });

  it("ends a secret with its time, and the status tells", async () => {
    await custodian.put("soon", secretOf(1), {
      mayLeave: true,
      expires: new Date(Date.now() + 300),
    });
    expect(await custodian.expose("soon", (bytes) => bytes[0])).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 350));
    await expect(custodian.expose("soon", () => undefined)).rejects.toThrow(/it has expired/);
    await custodian.delete("soon");
  });

  it.each([
    [{ uses: 0 }, RangeError],
    [{ uses: 1.5 }, RangeError],
    [{ mayLeave: 1 }, TypeError],
    [{ expires: 5 }, TypeError],
    [{ expires: new Date(Number.NaN) }, RangeError],
    [{ mayLeav: true }, TypeError],
  ])("%j is refused", async (policy, kind) => {
    const secret = secretOf(1);
    await expect(custodian.put("never", secret, policy as object)).rejects.toThrow(kind);
    expect(secret.state).toBe("guarded");
    secret.destroy();
  });
});

describe("names and arguments", () => {
  it("are the same in every normal form, and no half of a surrogate pair", async () => {
    await custodian.generate("Zo\u00eb", "key");
    expect((await custodian.hmac("Zoe\u0308", text("data"))).byteLength).toBe(32);
    await expect(custodian.generate("Zoe\u0308", "key")).rejects.toEqual(code("ERR_LETHE_NAME"));
    expect(await custodian.equals("Zo\u00eb", "Zoe\u0308")).toBe(true);
    for (const name of ["\ud800", "\udc00x"]) {
      await expect(custodian.generate(name, "key")).rejects.toThrow(TypeError);
      await expect(custodian.derive("stays", name, text("x"))).rejects.toThrow(TypeError);
      await expect(custodian.equals("four", name)).rejects.toThrow(TypeError);
    }
    await custodian.delete("Zoe\u0308");
  });

  it("act on no terminal in an error", async () => {
    const refused = custodian.delete("\u001b[31m\n\u009b2J\u202e");
    await expect(refused).rejects.toThrow('"\\u001b[31m\\n\\u{9b}2J\\u{202e}"');
  });

  it("are checked, and no error holds more than a name", async () => {
    await expect(custodian.generate("four", "key")).rejects.toEqual(code("ERR_LETHE_NAME"));
    await expect(custodian.delete("nobody")).rejects.toEqual(code("ERR_LETHE_NAME"));
    await expect(custodian.expose("", () => 1)).rejects.toThrow(TypeError);
    await expect(custodian.expose("x".repeat(257), () => 1)).rejects.toThrow(RangeError);
    await expect(custodian.expose("four", 5 as never)).rejects.toThrow(TypeError);
    await expect(custodian.put("text", "secret" as never)).rejects.toThrow(
      /must be a SecretBuffer: current value is a string/,
    );
    await expect(custodian.sign("signer", new Uint8Array(65_537))).rejects.toThrow(RangeError);
    await expect(custodian.generate("long", "key", { byteLength: 0 })).rejects.toThrow(RangeError);
    await expect(openCustodian({ secureHeapByte: 1 } as never)).rejects.toThrow(/no option/);
    await expect(openCustodian({ secureHeapBytes: 3 })).rejects.toThrow(/power of two/);
  });

  it("leave the custodian as it was", async () => {
    expect(await custodian.expose("four", (bytes) => bytes.length)).toBe(4);
    const { secrets: held, count } = await custodian.status();
    expect(count).toBeGreaterThan(10);
    expect((await custodian.status({ most: 3 })).secrets).toEqual(held.slice(0, 3));
    expect(await custodian.status({ most: 0 })).toMatchObject({ count, secrets: [] });
    for (const most of [-1, 1.5, 100_001]) {
      await expect(custodian.status({ most })).rejects.toThrow(RangeError);
    }
    expect(held.find(({ name }) => name === "four")).toEqual({
      name: "four",
      type: "key",
      place: "vault",
      mayLeave: true,
      uses: null,
      expires: null,
    });
  });
});
