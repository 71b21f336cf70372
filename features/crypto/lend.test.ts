import { afterEach, describe, expect, it } from "vitest";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { holds, read, sample, thrown } from "../../testing/core/samples.ts";
import { simpleLender } from "../../testing/core/standard/lenders.ts";
import { adopting, adoptingUntil, checkSecret } from "./lend.ts";
import { openCrypto } from "./open_crypto.ts";

const secrets = openSecrets();
const crypto = openCrypto(secrets, { engine: openSodiumEngine() });
afterEach(() => {
  secrets.purge();
});
const lender = (byteLength: number, seed?: number) => simpleLender(sample(byteLength, seed));

describe("the secrets of other libraries", () => {
  it("are copied for a call, and the copies destroyed at its end", () => {
    const secret = secrets.move(sample(32));
    const encrypted = crypto.encrypt(lender(32), lender(40));
    expect([encrypted.length, secrets.stats.live]).toEqual([80, 1]);
    const opened = crypto.decrypt(lender(32), encrypted);
    expect([holds(opened, sample(40)), secrets.stats.live]).toEqual([true, 2]);
    for (const options of [{}, { salt: sample(9) }]) {
      const own = crypto.hkdf(secret, options);
      const theirs = crypto.hkdf(lender(32), options);
      const salted = crypto.hkdf(lender(32), { ...options, salt: lender(9) });
      expect(read(theirs)).toEqual(read(own));
      expect(holds(salted, read(own))).toBe("salt" in options);
    }
    expect(secrets.stats.live).toBe(8);
    const pair = crypto.agreeKeyPair();
    const box = crypto.sealBox(pair.publicKey, lender(5));
    const theirs = { publicKey: pair.publicKey, secretKey: simpleLender(read(pair.secretKey)) };
    expect(holds(crypto.unsealBox(theirs, box), sample(5))).toBe(true);
    expect(secrets.stats.live).toBe(10);
  });

  it("are destroyed as copies also where the call fails", () => {
    const encrypted = crypto.encrypt(lender(32), sample(3));
    expect(thrown(() => crypto.decrypt(lender(32, 9), encrypted)).code).toBe("ERR_LETHE_FORGED");
    expect(thrown(() => crypto.encrypt(lender(32), 5 as never))).toBeInstanceOf(TypeError);
    expect(secrets.stats.live).toBe(0);
  });

  it("are adopted, and all else is given as it is", () => {
    const own = secrets.move(sample(4));
    const plain = sample(3);
    const given = adopting(secrets, [own, plain, undefined, lender(5)], (...inputs) => {
      expect([own, plain, undefined].every((input, at) => input === inputs[at])).toBe(true);
      expect(secrets.stats.live).toBe(2);
      return inputs[3];
    });
    expect([(given as typeof own).state, own.state]).toEqual(["destroyed", "guarded"]);
  });

  it("stay until what is made of them has settled", async () => {
    for (const fails of [false, true]) {
      const gate = Promise.withResolvers<void>();
      const done = adoptingUntil(secrets, [lender(5)], async (copy) => {
        await gate.promise;
        return copy.byteLength;
      });
      expect(secrets.stats.live).toBe(1);
      if (fails) gate.reject(new Error("on purpose"));
      else gate.resolve();
      expect(await done.catch((error: Error) => error.message)).toBe(fails ? "on purpose" : 5);
      expect(secrets.stats.live).toBe(0);
    }
  });

  it("are told how they are taken in, where one is no secret of this copy", () => {
    expect(() => checkSecret(lender(4), "sign", "key")).toThrow(
      /^Cannot sign as key must be a SecretBuffer: .*; take a copy in with secrets\.adopt\(\)$/,
    );
    expect(() => crypto.encrypt(simpleLender(sample(31)), sample(3))).toThrow(
      "Cannot encrypt as key must have 32 bytes",
    );
  });
});

it("an empty box and an empty message are opened before they are refused", () => {
  const pair = crypto.agreeKeyPair();
  const box = crypto.sealBox(pair.publicKey, new Uint8Array(0));
  expect(thrown(() => crypto.unsealBox(pair, box)).message).toBe(
    "Cannot open box into a secret as the message is empty",
  );
  const altered = box.with(40, (box[40] as number) ^ 1);
  expect(thrown(() => crypto.unsealBox(pair, altered)).code).toBe("ERR_LETHE_FORGED");
  expect(thrown(() => crypto.unsealBox(pair, box.subarray(1))).code).toBe("ERR_LETHE_FORGED");
});

it("a password is compared without a secret that stays", () => {
  const password = secrets.move(sample(8));
  const hash = crypto.hashPassword(password, { passes: 1, memoryBytes: 8192 });
  expect(crypto.verifyPassword(password, hash)).toBe(true);
  expect(crypto.verifyPassword(lender(8, 9), hash)).toBe(false);
  expect(secrets.stats.live).toBe(1);
});
