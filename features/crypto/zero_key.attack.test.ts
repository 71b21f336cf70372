import { beforeAll, expect, it } from "vitest";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { openEnclaves } from "../enclave/mod.ts";
import type { SecretCrypto } from "./crypto.ts";
import { openCrypto } from "./open_crypto.ts";

const secrets = openSecrets();
let engines: readonly CryptoEngine[];
beforeAll(async () => {
  engines = await openEngines();
});

const CONTEXT = sample(8);
/** What an attacker makes under the key that everybody knows. */
const FORGED = sample(60);

/** Every operation that takes a key, with the lengths that its key may have. */
const USES: Readonly<
  Record<string, readonly [(crypto: SecretCrypto, key: SecretBuffer) => unknown, ...number[]]>
> = {
  encrypt: [(crypto, key) => crypto.encrypt(key, sample(20)), 32],
  decrypt: [(crypto, key) => crypto.decrypt(key, FORGED), 32],
  isAuthentic: [(crypto, key) => crypto.isAuthentic(key, FORGED), 32],
  "isAuthentic of nothing": [(crypto, key) => crypto.isAuthentic(key, sample(40)), 32],
  keyedHash: [(crypto, key) => crypto.keyedHash(key, sample(20)), 16, 32, 64],
  hmac: [(crypto, key) => crypto.hmac(key, sample(20)), 1, 32, 64, 65, 200],
  "hmac, sha512": [(crypto, key) => crypto.hmac(key, sample(9), { hash: "sha512" }), 1, 129],
  verifyHmac: [(crypto, key) => crypto.verifyHmac(key, sample(20), sample(32)), 1, 32, 64],
  deriveSubkey: [(crypto, key) => crypto.deriveSubkey(key, 0, CONTEXT), 32],
};

it.each(Object.entries(USES))(
  "%s refuses a key of zeros, on every engine",
  (_, [use, ...sizes]) => {
    for (const engine of engines) {
      const crypto = openCrypto(secrets, { engine });
      for (const size of sizes) {
        const before = secrets.stats.live;
        using key = secrets.allocate(size);
        expect([engine.name, size, thrown(() => use(crypto, key)).code]).toEqual([
          engine.name,
          size,
          "ERR_LETHE_KEY_INVALID",
        ]);
        expect(secrets.stats.live).toBe(before + 1);
      }
    }
  },
);

it("a key with a single bit is none of zeros, wherever the bit is", () => {
  for (const engine of engines) {
    const crypto = openCrypto(secrets, { engine });
    for (let bit = 0; bit < 256; bit++) {
      using key = secrets.allocate(32);
      key.modify((bytes) => {
        bytes[bit >> 3] = 1 << (bit & 7);
      });
      const encrypted = crypto.encrypt(key, CONTEXT);
      expect([engine.name, bit, crypto.isAuthentic(key, encrypted)]).toEqual([
        engine.name,
        bit,
        true,
      ]);
    }
  }
});

it("a stream refuses a key of zeros in both directions", () => {
  for (const engine of engines) {
    const enclaves = openEnclaves(openSecrets(), { engine });
    using key = secrets.allocate(32);
    expect(thrown(() => enclaves.sealStream({ key })).code).toBe("ERR_LETHE_KEY_INVALID");
    expect(thrown(() => enclaves.unsealStream({ key })).code).toBe("ERR_LETHE_KEY_INVALID");
  }
});

it("hkdf alone extracts from zeros, as TLS 1.3 does", () => {
  using zeros = secrets.allocate(32);
  for (const engine of engines) {
    using prk = openCrypto(secrets, { engine }).hkdf(zeros);
    expect(prk.byteLength).toBe(32);
  }
});
