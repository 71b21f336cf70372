import { expect, it } from "vitest";
import { libsodiumEngine } from "./libsodium_calls.ts";
import { newModule } from "./libsodium_load.ts";
import type { LibsodiumModule } from "./libsodium_module.ts";

/** A call of the module: what it was asked, what it gave, and whether the key and the message were zeros. */
interface Call {
  readonly name: string;
  readonly byteLength: number;
  readonly result: number;
  readonly isOfZeros: boolean;
}

/** The engine over a module that is watched while it works. */
async function watchedEngine(
  seen: Call[],
  instead: Partial<LibsodiumModule> = {},
): Promise<ReturnType<typeof libsodiumEngine>> {
  const module = await newModule();
  const zeros = (at: number, byteLength: number): boolean =>
    module.HEAPU8.subarray(at, at + byteLength).every((byte) => byte === 0);
  const watched = new Proxy(module, {
    get(target, name) {
      const value: unknown = Reflect.get(name in instead ? instead : target, name);
      if (typeof value !== "function" || !/aead_.*_(?:en|de)crypt$/.test(String(name)))
        return value;
      const isSealing = String(name).endsWith("_encrypt");
      return (...words: number[]): number => {
        // out, length, in, in's length; or: out, length, secret nonce, in, in's length
        const [input = 0, byteLength = 0] = isSealing ? words.slice(2) : words.slice(3);
        const key = words.at(-1) ?? 0;
        const isOfZeros = zeros(key, 32) && (!isSealing || zeros(input, byteLength));
        const result = Reflect.apply(value, target, words) as number;
        seen.push({ name: isSealing ? "encrypt" : "decrypt", byteLength, result, isOfZeros });
        return result;
      };
    },
  }) as LibsodiumModule;
  return libsodiumEngine(watched);
}

it.each([
  ["aeadSeal", "aeadUnseal", 24],
  ["chachaSeal", "chachaUnseal", 12],
] as const)(
  "WASM-3: after %s and %s the same functions run over zeros",
  async (seal, unseal, nonceBytes) => {
    const seen: Call[] = [];
    const engine = await watchedEngine(seen);
    const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(nonceBytes).fill(2)];
    for (const [length, least] of [
      [16, 16],
      [64, 64],
      [1000, 64],
    ] as const) {
      const [message, additional] = [new Uint8Array(length).fill(3), new Uint8Array(9).fill(4)];
      const sealed = new Uint8Array(length + 16);
      engine[seal](sealed, message, additional, nonce, key);
      expect(seen.splice(0)).toEqual([
        { name: "encrypt", byteLength: length, result: 0, isOfZeros: false },
        { name: "encrypt", byteLength: least, result: 0, isOfZeros: true },
      ]);
      expect(engine[unseal](new Uint8Array(length), sealed, additional, nonce, key)).toBe(true);
      expect(seen.splice(0)).toEqual([
        { name: "decrypt", byteLength: length + 16, result: 0, isOfZeros: false },
        { name: "encrypt", byteLength: least, result: 0, isOfZeros: true },
        { name: "decrypt", byteLength: least + 16, result: 0, isOfZeros: true },
      ]);
    }
  },
);

it("WASM-3: nothing runs over zeros where nothing ran over a key", async () => {
  const seen: Call[] = [];
  const engine = await watchedEngine(seen, { _malloc: () => 0 });
  const sealed = new Uint8Array(48).fill(1);
  expect(() =>
    engine.aeadSeal(sealed, sealed.subarray(16), sealed, sealed.slice(24), sealed.slice(16)),
  ).toThrow(expect.objectContaining({ code: "ERR_LETHE_EXHAUSTED" }));
  expect(seen).toEqual([]);
});
