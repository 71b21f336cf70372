import { beforeAll, describe, expect, it } from "vitest";
import type { CryptoEngine, Operation } from "../../core/contract/engine.ts";
import { OPERATION_CALLS } from "../../testing/features/crypto/operation_calls.ts";
import { libsodiumEngine } from "./libsodium_calls.ts";
import { newModule } from "./libsodium_load.ts";
import type { LibsodiumModule } from "./libsodium_module.ts";

let module: LibsodiumModule;
let engine: CryptoEngine;
let fresh: Buffer;
beforeAll(async () => {
  module = await newModule();
  fresh = Buffer.from(module.HEAPU8);
  engine = libsodiumEngine(module);
});

/** Bytes that hold no pattern which the module itself holds. */
function secret(seed: number, length: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const LENGTHS = [0, 1, 15, 16, 63, 64, 65, 127, 128, 129, 255, 300, 511, 512, 513, 1024, 4097];
const operations = Object.keys(OPERATION_CALLS) as readonly Operation[];

/** Whether the whole memory of the module, variables, stack and heap, is as when it was new. */
function isNew(): boolean {
  const memory = Buffer.from(module.HEAPU8.buffer);
  return (
    memory.subarray(0, fresh.length).equals(fresh) &&
    memory.subarray(fresh.length).equals(Buffer.alloc(memory.length - fresh.length))
  );
}

function run(operation: Operation, seed: number, length: number): void {
  OPERATION_CALLS[operation](engine, (size) => secret(seed, size), length);
}

describe("after each operation the module's memory is that of a new module", () => {
  it.each(operations)("%s", (operation) => {
    for (const length of LENGTHS) {
      run(operation, 1, length);
      expect(isNew(), `${length} bytes`).toBe(true);
    }
  });

  it("and that look would see what a call leaves on the stack and in the heap", () => {
    const { buffer } = module.HEAPU8;
    const place = module._malloc(4096);
    module.HEAPU8.set(secret(4, 2048), place);
    module._crypto_scalarmult_base(place + 2048, place);
    module.HEAPU8.fill(0, place, place + 4096);
    module._free(place);
    expect(module.HEAPU8.buffer).toBe(buffer);
    const stack = module.HEAPU8.subarray(0, place - 64);
    expect(Buffer.compare(stack, fresh.subarray(0, stack.length))).not.toBe(0);
    expect(isNew()).toBe(false);
    run("x25519", 5, 0);
    expect(isNew()).toBe(true);
  });

  it("also when the memory grows, and when it cannot", () => {
    const grown = module.HEAPU8.length;
    const [password, salt] = [secret(6, 32), secret(7, 16)];
    engine.argon2id(new Uint8Array(32), password, salt, 1, 32 * 2 ** 20);
    expect(module.HEAPU8.length).toBeGreaterThan(grown);
    expect(isNew()).toBe(true);
    const hash = new Uint8Array(32).fill(1);
    expect(() => engine.argon2id(hash, password, salt, 1, 2 ** 31)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_EXHAUSTED" }),
    );
    expect(hash.every((byte) => byte === 0)).toBe(true);
    expect(isNew()).toBe(true);
  });

  it("also when the module traps in the middle", () => {
    const trapping = { ...module, HEAPU8: module.HEAPU8 } as LibsodiumModule;
    trapping._crypto_generichash = (_hash, _length, message) => {
      module.HEAPU8.copyWithin(90_000, message, message + 32);
      throw new Error("unreachable");
    };
    const [hash, message] = [new Uint8Array(32), secret(9, 32)];
    expect(() => libsodiumEngine(trapping).keyedHash(hash, message, message)).toThrow(
      "unreachable",
    );
    expect(isNew()).toBe(true);
  });
});
