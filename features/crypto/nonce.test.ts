import { describe, expect, it } from "vitest";
import { offHeapBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { type Fresh, freshBy } from "../../core/fresh.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { FakeMemory } from "../../testing/core/fake_memory.ts";
import { sample } from "../../testing/core/samples.ts";
import { makeNonce } from "./nonce.ts";
import { openCrypto } from "./open_crypto.ts";

const engine = openSodiumEngine();
const key = sample(32);

/** A system whose generator gives the same bytes every time, as after a virtual machine was restored. */
class RepeatingMemory extends FakeMemory {
  randomize(bytes: Uint8Array): void {
    bytes.fill(0x5a);
  }
}

function repeating(asksSystem: boolean): Fresh {
  return { asksSystem, fill: (bytes) => void bytes.fill(0x5a) };
}

function nonceOf(asksSystem: boolean, ...messages: readonly Uint8Array[]): string {
  const nonce = offHeapBytes(24);
  makeNonce(nonce, repeating(asksSystem), engine, key, ...messages);
  return nonce.join();
}

describe.each([true, false])("where fresh bytes repeat (asked of the system: %s)", (asked) => {
  it("another message has another nonce", () => {
    const [one, other] = [sample(40), sample(40)];
    other[39] = (other[39] as number) ^ 1;
    const nonces = [
      nonceOf(asked, one),
      nonceOf(asked, other),
      nonceOf(asked, one.subarray(1)),
      nonceOf(asked, one, other),
      nonceOf(asked, other, one),
      nonceOf(asked, one, one),
      nonceOf(asked, one, one, one),
      nonceOf(asked),
    ];
    expect(new Set(nonces).size).toBe(nonces.length);
    // Control: the same one has the same, and so the same ciphertext.
    expect(nonceOf(asked, sample(40))).toBe(nonces[0]);
  });

  it("of a long message as much counts as is promised", () => {
    const one = sample(100_000);
    const at = (index: number): string => {
      const other = one.slice();
      other[index] = (other[index] as number) ^ 1;
      return nonceOf(asked, other);
    };
    const nonce = nonceOf(asked, one);
    expect(at(1023)).not.toBe(nonce);
    expect(at(1024) === nonce).toBe(asked);
    expect(at(99_999) === nonce).toBe(asked);
  });

  it("the nonce of another key is another", () => {
    const nonce = offHeapBytes(24);
    makeNonce(nonce, repeating(asked), engine, sample(32).fill(1), sample(40));
    expect(nonce.join()).not.toBe(nonceOf(asked, sample(40)));
  });
});

it("a nonce is what is fresh XOR a hash of each message that is not empty, each of another length", () => {
  const hashes: Uint8Array[] = [];
  const telling: CryptoEngine = {
    ...engine,
    keyedHash(hash, message, used) {
      expect(used).toBe(key);
      hashes.push(hash);
      for (let at = 0; at < hash.length; at++) hash[at] = message.length + at;
    },
  };
  const nonce = offHeapBytes(24);
  const messages = [sample(1), new Uint8Array(0), sample(7)];
  makeNonce(nonce, repeating(true), telling, key, ...messages);
  expect([...nonce]).toEqual(Array.from(nonce, (_, at) => 0x5a ^ (1 + at) ^ (7 + at)));
  expect(hashes.map(({ length }) => length)).toEqual([40, 56]);
  // They are as good as the message to whoever guesses it.
  for (const hash of hashes) expect(hash.every((byte) => byte === 0)).toBe(true);
  const failing: CryptoEngine = {
    ...telling,
    keyedHash(hash) {
      hashes.push(hash.fill(1));
      throw new Error("engine broke");
    },
  };
  expect(() => makeNonce(nonce, repeating(true), failing, key, sample(3))).toThrow("engine broke");
  expect(hashes.at(-1)?.every((byte) => byte === 0)).toBe(true);
});

it("an engine without keyed hashes has what is fresh", () => {
  const bare: CryptoEngine = {
    ...engine,
    operations: new Set(["aead"]),
    keyedHash: () => expect.unreachable(),
  };
  const nonce = offHeapBytes(24);
  makeNonce(nonce, repeating(true), bare, key, sample(40));
  expect(nonce.every((byte) => byte === 0x5a)).toBe(true);
});

it("a generator that repeats itself is told apart by a count and by the time", () => {
  const memory = new RepeatingMemory();
  const fresh = freshBy(memory);
  expect(fresh.asksSystem).toBe(true);
  const all = Array.from({ length: 1000 }, () => {
    const bytes = offHeapBytes(24);
    fresh.fill(bytes);
    return bytes;
  });
  const part = (from: number, to: number) =>
    new Set(all.map((bytes) => bytes.subarray(from, to).join())).size;
  expect(part(0, 4)).toBeGreaterThan(1); // the time
  expect(part(4, 8)).toBe(1000); // the count
  expect(part(8, 24)).toBe(1);
});

it("a box has another ephemeral key for another message, where random bytes repeat", () => {
  const secrets = openSecrets({ memory: new RepeatingMemory() });
  const crypto = openCrypto(secrets, { engine });
  const { publicKey } = crypto.agreeKeyPair(secrets.move(sample(32)));
  const keyOf = (message: Uint8Array) => crypto.sealBox(publicKey, message).slice(0, 32).join();
  expect(keyOf(sample(40))).toBe(keyOf(sample(40))); // control: they do repeat
  expect(keyOf(sample(40))).not.toBe(keyOf(sample(41)));
});

it("encryption asks the memory's generator, and not the web's", () => {
  const secrets = openSecrets({ memory: new RepeatingMemory() });
  const crypto = openCrypto(secrets, { engine });
  const secretKey = secrets.random(32);
  const ends = [0, 1].map(() => crypto.encrypt(secretKey, sample(40)).slice(8, 24).join());
  expect(ends[0]).toBe(ends[1]);
});
