import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import type { SecretCrypto } from "./crypto.ts";
import { openCrypto } from "./open_crypto.ts";
import type { SecretKeyPair } from "./options.ts";

const secrets = openSecrets();
const MESSAGE = sample(20);
let engines: readonly CryptoEngine[];
beforeAll(async () => {
  engines = await openEngines();
});

const from = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, "hex"));
const secret = (...parts: readonly Uint8Array[]): SecretBuffer =>
  secrets.move(new Uint8Array(Buffer.concat(parts)));
const bytesOf = (key: SecretBuffer): Uint8Array => key.expose((bytes) => bytes.slice());
const flipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
};

/** RFC 8032, section 7.1, test 2. */
const SEED = from("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
const PUBLIC = from("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");

/** Encodings of points that no key has: of low order, not canonical, not on the curve. */
const BAD_POINTS: Readonly<Record<string, Uint8Array>> = {
  "zeros (order 4)": new Uint8Array(32),
  "the neutral point": from(`01${"00".repeat(31)}`),
  "order 2": from(`ec${"ff".repeat(30)}7f`),
  "order 8": from("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
  "another of order 8": from("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
  "the neutral point, not canonical": from(`ee${"ff".repeat(30)}7f`),
  "zero, not canonical": from(`ed${"ff".repeat(30)}7f`),
  "ones, not canonical": from("ff".repeat(32)),
  "not on the curve": from(`02${"00".repeat(31)}`),
};

/** What `sign` must refuse as a secret key, by what is wrong with it. */
const MALFORMED: Readonly<Record<string, () => SecretBuffer>> = {
  "another's public half": () => secret(SEED, sample(32)),
  "the first bit of the public half": () => secret(SEED, flipped(PUBLIC, 0)),
  "the sign bit of the public half": () => secret(SEED, flipped(PUBLIC, 255)),
  "a bit of the seed": () => secret(flipped(SEED, 77), PUBLIC),
  "halves the wrong way round": () => secret(PUBLIC, SEED),
  "the seed twice": () => secret(SEED, SEED),
  "nothing but zeros": () => secrets.allocate(64),
  "a seed of zeros": () => secret(new Uint8Array(32), PUBLIC),
  ...Object.fromEntries(
    Object.entries(BAD_POINTS).map(([name, point]) => [name, () => secret(SEED, point)]),
  ),
};

const on = (use: (crypto: SecretCrypto, name: string) => void): void => {
  for (const engine of engines) use(openCrypto(secrets, { engine }), engine.name);
};
const code = (run: () => unknown): string | undefined => {
  const error = thrown(run);
  return error.code ?? error.name;
};

describe("a key is what it says, or is not used", () => {
  it.each(Object.keys(MALFORMED))("sign refuses %s, on every engine", (name) => {
    on((crypto, engine) => {
      const key = MALFORMED[name]?.() as SecretBuffer;
      expect([engine, code(() => crypto.sign(key, MESSAGE))]).toEqual([
        engine,
        "ERR_LETHE_KEY_INVALID",
      ]);
      key.destroy();
    });
  });

  it("sign refuses every single flipped bit of the public half, and of the seed", () => {
    on((crypto, engine) => {
      // noble takes a millisecond for each.
      for (let bit = 0; bit < 512; bit += engine === "noble" ? 37 : 1) {
        const key = secret(flipped(Buffer.concat([SEED, PUBLIC]), bit));
        expect(code(() => crypto.sign(key, MESSAGE))).toBe("ERR_LETHE_KEY_INVALID");
        key.destroy();
      }
      expect(crypto.verify(PUBLIC, MESSAGE, crypto.sign(secret(SEED, PUBLIC), MESSAGE))).toBe(true);
    });
  });

  it("two signatures of one message cannot be had under two public halves, which gave the scalar", () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n;
    const number = (bytes: Uint8Array): bigint =>
      [...bytes].reverse().reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const mod = (value: bigint): bigint => ((value % L) + L) % L;
    const inverse = (value: bigint): bigint => {
      let [result, base] = [1n, mod(value)];
      for (let exponent = L - 2n; exponent > 0n; exponent >>= 1n) {
        if (exponent & 1n) result = (result * base) % L;
        base = (base * base) % L;
      }
      return result;
    };
    const hash = (...parts: readonly Uint8Array[]): Uint8Array =>
      createHash("sha512").update(Buffer.concat(parts)).digest();
    const other = flipped(PUBLIC, 40);
    const challenge = (signature: Uint8Array, half: Uint8Array): bigint =>
      mod(number(hash(signature.subarray(0, 32), half, MESSAGE)));
    const clamped = hash(SEED).slice(0, 32);
    clamped[0] = (clamped[0] as number) & 248;
    clamped[31] = ((clamped[31] as number) & 127) | 64;
    // The attack works on an engine by itself: that is what the check stands before.
    const raw = (engine: CryptoEngine, half: Uint8Array): Uint8Array => {
      const signature = new Uint8Array(64);
      engine.sign(signature, MESSAGE, new Uint8Array(Buffer.concat([SEED, half])));
      return signature;
    };
    const [sodium] = engines as [CryptoEngine];
    const [one, two] = [raw(sodium, PUBLIC), raw(sodium, other)];
    const difference = number(one.subarray(32)) - number(two.subarray(32));
    const scalar = mod(difference * inverse(challenge(one, PUBLIC) - challenge(two, other)));
    expect(scalar === mod(number(clamped))).toBe(true);
    on((crypto) => {
      crypto.sign(secret(SEED, PUBLIC), MESSAGE);
      expect(code(() => crypto.sign(secret(SEED, other), MESSAGE))).toBe("ERR_LETHE_KEY_INVALID");
    });
  });

  it("a wrong length is a RangeError, and plain bytes are a TypeError", () => {
    on((crypto) => {
      for (const length of [1, 32, 63, 65]) {
        expect(code(() => crypto.sign(secret(sample(length)), MESSAGE))).toBe("RangeError");
      }
      expect(code(() => crypto.sign(sample(64) as never, MESSAGE))).toBe("TypeError");
    });
  });

  it("a seed and a secret key of zeros make no pair", () => {
    on((crypto, engine) => {
      const zeros = secrets.allocate(32);
      expect([
        engine,
        code(() => crypto.signKeyPair(zeros)),
        code(() => crypto.agreeKeyPair(zeros)),
        code(() => crypto.agree(zeros, from("09".padEnd(64, "0")))),
      ]).toEqual([engine, ...Array(3).fill("ERR_LETHE_KEY_INVALID")]);
      expect(zeros.state).toBe("guarded");
      zeros.destroy();
    });
  });

  it("nobody's signature is valid under a bad point", () => {
    on((crypto) => {
      for (const point of Object.values(BAD_POINTS)) {
        for (const signature of [new Uint8Array(64), Buffer.concat([point, new Uint8Array(32)])]) {
          expect(crypto.verify(point, MESSAGE, new Uint8Array(signature))).toBe(false);
        }
      }
    });
  });
});

describe("unsealBox takes both halves of one pair", () => {
  const halves = (
    crypto: SecretCrypto,
  ): { readonly pair: SecretKeyPair; readonly wrong: Readonly<Record<string, unknown>> } => {
    const [pair, other] = [crypto.agreeKeyPair(), crypto.agreeKeyPair()];
    const { publicKey, secretKey } = pair;
    const signing = crypto.signKeyPair(secret(bytesOf(secretKey)));
    return {
      pair,
      wrong: {
        "another's public key": { publicKey: other.publicKey, secretKey },
        "another's secret key": { publicKey, secretKey: other.secretKey },
        "a flipped bit": { publicKey: flipped(publicKey, 3), secretKey },
        "the same point in another encoding": { publicKey: flipped(publicKey, 255), secretKey },
        "the Ed25519 public key of the same bytes": { publicKey: signing.publicKey, secretKey },
        "a public key of zeros": { publicKey: new Uint8Array(32), secretKey },
        "a secret key of zeros": { publicKey, secretKey: secrets.allocate(32) },
      },
    };
  };

  it("or refuses them, whatever the box", () => {
    on((crypto, engine) => {
      const { pair, wrong } = halves(crypto);
      const box = crypto.sealBox(pair.publicKey, MESSAGE);
      expect(bytesOf(crypto.unsealBox(pair, box))).toEqual(MESSAGE);
      for (const [name, keyPair] of Object.entries(wrong)) {
        const refusal = code(() => crypto.unsealBox(keyPair as SecretKeyPair, box));
        expect([engine, name, refusal]).toEqual([engine, name, "ERR_LETHE_KEY_INVALID"]);
      }
    });
  });

  it("of its own, and of the right kind", () => {
    on((crypto) => {
      const { pair } = halves(crypto);
      const box = crypto.sealBox(pair.publicKey, MESSAGE);
      const { publicKey } = pair;
      const open = (keyPair: unknown): unknown => crypto.unsealBox(keyPair as SecretKeyPair, box);
      expect(code(() => open(Object.create(pair)))).toBe("TypeError");
      expect(code(() => open({ publicKey, secretKey: bytesOf(pair.secretKey) }))).toBe("TypeError");
      expect(code(() => open(crypto.signKeyPair()))).toBe("RangeError");
      for (const nothing of [null, undefined, "pair", publicKey]) {
        expect(code(() => open(nothing))).toBe("TypeError");
      }
    });
  });
});
