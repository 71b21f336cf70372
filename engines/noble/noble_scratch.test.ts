import { afterEach, describe, expect, it, vi } from "vitest";
import type { Operation } from "../../core/contract/engine.ts";
import { OPERATION_CALLS } from "../../testing/features/crypto/operation_calls.ts";
import { nobleEngine } from "./noble_engine.ts";

// What the engine itself keeps of secrets while it works. What noble keeps is counted by scans of processes.

const engine = nobleEngine();
const bytesOf = (length: number, value = 7): Uint8Array => new Uint8Array(length).fill(value);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The buffers that are made by themselves in a call: only Lethe does that, for its working memory. */
function buffersOf(use: () => void): readonly ArrayBuffer[] {
  const made: ArrayBuffer[] = [];
  const construct = (target: ArrayBufferConstructor, words: unknown[]): ArrayBuffer => {
    const buffer = Reflect.construct(target, words) as ArrayBuffer;
    made.push(buffer);
    return buffer;
  };
  vi.stubGlobal("ArrayBuffer", new Proxy(ArrayBuffer, { construct }));
  try {
    use();
  } finally {
    vi.unstubAllGlobals();
  }
  return made;
}

/** The arrays from which others were filled in a call. */
function sourcesOf(use: () => void): readonly Uint8Array[] {
  const sources: Uint8Array[] = [];
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { set } = typedArray;
  vi.spyOn(typedArray, "set").mockImplementation(function (this: Uint8Array, from, at) {
    if (from instanceof Uint8Array) sources.push(from);
    Reflect.apply(set, this, [from, at]);
  });
  use();
  vi.restoreAllMocks();
  return sources;
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

describe("the noble engine wipes its working memory", () => {
  it.each<Operation>([
    "aead",
    "chacha20-poly1305",
    "keyed-hash",
    "hmac-sha256",
    "hmac-sha512",
    "subkey",
    "box",
  ])("of %s", (operation) => {
    const made = buffersOf(() => OPERATION_CALLS[operation](engine, bytesOf, 32));
    expect(made.length).toBeGreaterThan(0);
    for (const buffer of made) expect(isZero(new Uint8Array(buffer))).toBe(true);
  });

  it("and takes none for a ciphertext that needs none", () => {
    const seal = (byteLength: number): readonly ArrayBuffer[] => {
      const [sealed, message] = [bytesOf(byteLength), bytesOf(byteLength - 16)];
      const [key, nonce] = [bytesOf(32), bytesOf(24)];
      return buffersOf(() => engine.aeadSeal(sealed, message, bytesOf(0), nonce, key));
    };
    expect(seal(255)).toHaveLength(1);
    expect(seal(256)).toHaveLength(0);
  });
});

describe("the noble engine wipes what noble gave it", () => {
  const [publicKey, shared, hash] = [bytesOf(32), bytesOf(32), bytesOf(32)];
  engine.agreePublicKey(publicKey, bytesOf(32, 9));

  it.each<readonly [string, () => void, Uint8Array]>([
    ["a shared secret", () => engine.agree(shared, bytesOf(32), publicKey), shared],
    ["a hash", () => engine.argon2id(hash, bytesOf(8), bytesOf(16), 1, 8192), hash],
  ])("%s", (_what, use, result) => {
    const sources = sourcesOf(use);
    expect(isZero(result)).toBe(false);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(Buffer.from(source).equals(result)).toBe(false);
  });

  it("the shared secret of a box", () => {
    engine.agree(shared, bytesOf(32), publicKey);
    const boxed = new Uint8Array(48);
    const sources = sourcesOf(() =>
      engine.boxSeal(boxed, bytesOf(32), bytesOf(24), publicKey, bytesOf(32)),
    );
    for (const source of sources) expect(Buffer.from(source).equals(shared)).toBe(false);
    expect(sources.some((source) => source.length === 32 && isZero(source))).toBe(true);
  });
});

it("a hash of noble is destroyed, which wipes its state", async () => {
  const { blake2b } = await import("@noble/hashes/blake2.js");
  const prototype = Object.getPrototypeOf(blake2b.create({})) as { destroy(): void };
  const destroy = vi.spyOn(prototype, "destroy");
  engine.keyedHash(bytesOf(32), bytesOf(5), bytesOf(32));
  expect(destroy).toHaveBeenCalled();
});

it.each([
  [new RangeError("Array buffer allocation failed"), { code: "ERR_LETHE_EXHAUSTED" }],
  [new TypeError("another"), { message: "another" }],
])("a hash that gets no memory says so, and hides no other error (%s)", (thrown, expected) => {
  vi.stubGlobal(
    "Uint32Array",
    class {
      constructor() {
        throw thrown;
      }
    },
  );
  const hash = (): void => engine.argon2id(bytesOf(32), bytesOf(8), bytesOf(16), 1, 8192);
  expect(hash).toThrow(expect.objectContaining(expected));
});
