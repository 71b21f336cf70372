import { afterEach, describe, expect, it, vi } from "vitest";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import type { SecretMemory } from "./contract/memory.ts";

/** The module as it is loaded while the generator and the clock of the web are these. */
async function load(now: () => number = () => 0) {
  const calls: number[] = [];
  vi.spyOn(crypto, "getRandomValues").mockImplementation((values) => {
    const bytes = new Uint8Array(
      (values as Uint8Array).buffer,
      (values as Uint8Array).byteOffset,
      (values as Uint8Array).byteLength,
    );
    calls.push(bytes.length);
    bytes.fill(calls.length);
    return values;
  });
  vi.spyOn(performance, "now").mockImplementation(now);
  vi.resetModules();
  const [random, fresh, { secretsOpener }] = await Promise.all([
    import("./random.ts"),
    import("./fresh.ts"),
    import("./open_secrets.ts"),
  ]);
  return { calls, random, fresh, secretsOpener };
}
afterEach(() => vi.restoreAllMocks());

const FLUSH = Array<number>(16).fill(256);
/** A memory with a generator of its own, which fills with 9. */
const own = (slowly?: boolean): SecretMemory =>
  Object.assign(new FakeMemory(), {
    randomize: (bytes: Uint8Array) => bytes.fill(9),
    ...(slowly === undefined ? {} : { randomizesSlowly: slowly }),
  }) as unknown as SecretMemory;

describe("random bytes of a secret", () => {
  it("come from the memory's generator, or in parts that the web's fills, which is flushed", async () => {
    const { calls, random } = await load();
    const bytes = new Uint8Array(10);
    random.randomize(own(), bytes);
    expect([[...bytes], calls]).toEqual([Array(10).fill(9), []]);
    random.randomize(new FakeMemory(), bytes);
    expect([[...bytes], calls]).toEqual([Array(10).fill(1), [10, ...FLUSH]]);
    calls.length = 0;
    const large = new Uint8Array(200_000);
    random.fillAndFlush(large.subarray(1000, 1000 + 131_073));
    expect(calls).toEqual([65_536, 65_536, 1, ...FLUSH]);
    const at = [999, 1000, 66_535, 66_536, 132_071, 132_072, 132_073].map((index) => large[index]);
    expect(at).toEqual([0, 1, 1, 2, 2, 3, 0]);
    calls.length = 0;
    random.fillAndFlush(new Uint8Array(65_536));
    expect(calls).toEqual([65_536, ...FLUSH]);
  });

  it("come from a server's own way to its system where that has them", async () => {
    const { calls, random } = await load();
    let isFilled = true;
    const fill = (bytes: Uint8Array): boolean => {
      if (isFilled) bytes.fill(5);
      return isFilled;
    };
    random.giveSystemRandom({ fill, fillPublic: fill });
    const bytes = new Uint8Array(8);
    random.fillAndFlush(bytes);
    expect([[...bytes], calls]).toEqual([Array(8).fill(5), []]);
    isFilled = false;
    random.fillAndFlush(bytes);
    expect([[...bytes], calls]).toEqual([Array(8).fill(1), [8, ...FLUSH]]);
  });
});

describe("fresh bytes that are not secret", () => {
  it("are changed by the time and by a count, and in nothing else", async () => {
    let now = 0;
    const { fresh: module } = await load(() => now);
    const randomize = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length; at++) bytes[at] = 17 * at;
    };
    const fresh = module.freshBy(Object.assign(Object.create(new FakeMemory()), { randomize }));
    const differing = (): number[] => {
      const bytes = new Uint8Array(12);
      fresh.fill(bytes);
      return [...bytes].map((byte, at) => byte ^ (17 * at));
    };
    expect(differing()).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    now = 0x04030201 / 1e6;
    expect(differing()).toEqual([1, 2, 3, 4, 2, 0, 0, 0, 0, 0, 0, 0]);
    now = 3; // milliseconds: 3,000,000 nanoseconds
    expect(differing()).toEqual([0xc0, 0xc6, 0x2d, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    now = 0;
    for (let count = 4; count < 0x102; count++) differing();
    expect(differing()).toEqual([0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]);
    for (let count = 0x103; count < 0x200; count++) differing();
    now = (7 * 2 ** 32) / 1e6; // more than 32 bits of nanoseconds
    expect(differing()).toEqual([0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0]);
  });

  it("ask the system each time where the memory does, and quickly", async () => {
    const { calls, fresh: module } = await load();
    for (const [memory, asksSystem] of [
      [own(), true],
      [own(false), true],
      [own(true), false],
      [new FakeMemory(), false],
    ] as const) {
      const fresh = module.freshBy(memory);
      calls.length = 0;
      const bytes = new Uint8Array(16);
      fresh.fill(bytes);
      expect([fresh.asksSystem, calls, bytes[15]]).toEqual([
        asksSystem,
        asksSystem ? [] : [16],
        asksSystem ? 9 : 1,
      ]);
      expect(bytes[4]).not.toBe(bytes[15]);
    }
  });

  it("come from the block of a server where it has one", async () => {
    const { calls, fresh, random } = await load();
    let isFilled = true;
    const fillPublic = (bytes: Uint8Array): boolean => {
      if (isFilled) bytes.fill(6);
      return isFilled;
    };
    random.giveSystemRandom({ fill: () => false, fillPublic });
    const bytes = new Uint8Array(16);
    fresh.freshOf({}).fill(bytes);
    expect([bytes[15], calls]).toEqual([6, []]);
    isFilled = false;
    fresh.freshOf({}).fill(bytes);
    expect([bytes[15], calls]).toEqual([1, [16]]);
    expect(bytes[4]).not.toBe(1);
  });

  it("are those of the memory of these secrets, where it is known", async () => {
    const { fresh, secretsOpener } = await load();
    const secrets = secretsOpener({ name: "test", memories: [] })({ memory: own() });
    expect([fresh.freshOf(secrets).asksSystem, fresh.freshOf({}).asksSystem]).toEqual([
      true,
      false,
    ]);
    expect(fresh.freshOf(secrets)).toBe(fresh.freshOf(secrets));
  });
});
