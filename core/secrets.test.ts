import { Buffer } from "node:buffer";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { ascii, holds, read, SIZES, sample, thrown } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";

const secrets = openSecrets();
afterEach(() => secrets.purge());

const zero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

describe("making secrets", () => {
  it("allocate gives zeros, random fills, at every size", () => {
    for (const size of SIZES) {
      const [blank, random] = [secrets.allocate(size), secrets.random(size)];
      expect([blank.byteLength, random.byteLength]).toEqual([size, size]);
      expect(holds(blank, new Uint8Array(size))).toBe(true);
      if (size >= 16) expect(random.expose(zero)).toBe(false);
    }
  });

  it("random fills up to the last byte on both sides of a Web Crypto call", () => {
    for (const size of [65_535, 65_536, 65_537, 131_073]) {
      const tail = (): Uint8Array => secrets.random(size).expose((bytes) => bytes.slice(-1));
      expect([...Array(24)].some(() => !zero(tail()))).toBe(true);
    }
  });

  it("random uses the memory's own generator where there is one", () => {
    class Seven extends FakeMemory {
      randomize(bytes: Uint8Array): void {
        bytes.fill(7);
      }
    }
    const secret = openSecrets({ memory: new Seven() }).random(4);
    expect([...read(secret)]).toEqual([7, 7, 7, 7]);
    secret.destroy();
  });

  it("refuses a wrong length and allocates nothing", () => {
    for (const length of [0, -1, 1.5, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
      expect(thrown(() => secrets.allocate(length))).toBeInstanceOf(RangeError);
      expect(thrown(() => secrets.random(length))).toBeInstanceOf(RangeError);
    }
    for (const length of ["32", null, undefined, {}, 32n]) {
      expect(thrown(() => secrets.allocate(length as never))).toBeInstanceOf(TypeError);
      expect(thrown(() => secrets.random(length as never))).toBeInstanceOf(TypeError);
    }
    expect(secrets.stats.live).toBe(0);
  });

  it("after dispose makes none and keeps the source", () => {
    const own = openSecrets();
    const secret = own.random(8);
    own[Symbol.dispose]();
    const source = sample(8);
    for (const make of [() => own.allocate(8), () => own.random(8), () => own.move(source)]) {
      expect(thrown(make).code).toBe("ERR_LETHE_DESTROYED");
    }
    expect([secret.state, zero(source)]).toEqual(["destroyed", false]);
  });
});

describe("move", () => {
  it("takes the bytes and leaves zeros, at every size and from every kind of buffer", () => {
    for (const size of SIZES) {
      const shared = new Uint8Array(new SharedArrayBuffer(size + 8), 4, size);
      const growing = new Uint8Array(
        new ArrayBuffer(size + 8, { maxByteLength: 2 * size + 8 }),
        4,
        size,
      );
      for (const source of [
        sample(size),
        shared,
        growing,
        Buffer.alloc(size),
        new Uint8Array(size),
      ]) {
        source.set(sample(size));
        const secret = secrets.move(source);
        expect([zero(source), holds(secret, sample(size))]).toEqual([true, true]);
        secret.destroy();
      }
    }
  });

  it("takes no byte beside its source", () => {
    const whole = Buffer.alloc(32, 0xa5);
    const secret = secrets.move(whole.subarray(8, 16));
    expect(secret.byteLength).toBe(8);
    expect([...whole].filter((byte) => byte === 0xa5)).toHaveLength(24);
  });

  it("moves out of another secret inside its modify", () => {
    const secret = secrets.move(sample(8));
    const moved = secret.modify((bytes) => secrets.move(bytes));
    expect([secret.expose(zero), holds(moved, sample(8))]).toEqual([true, true]);
  });

  it("destroys the secret and raises when the source keeps a byte", async () => {
    const typedArray: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype);
    const { fill } = typedArray;
    vi.resetModules();
    try {
      typedArray.fill = function keep() {
        return this;
      };
      // Core takes `fill` when it is loaded: this copy of it cannot overwrite anything.
      const core = await import("../memories/heap/mod.ts");
      typedArray.fill = fill;
      const memory = new FakeMemory();
      const faulty = core.openSecrets({ memory });
      const error = thrown(() => faulty.move(sample(8)));
      expect([error.code, faulty.stats.live]).toEqual(["ERR_LETHE_WIPE", 0]);
      expect(error.message).toContain("source");
      expect([memory.last.zero, memory.last.released]).toEqual([true, 1]);
    } finally {
      typedArray.fill = fill;
    }
  });

  it("keeps the source when the memory has no room, or fails half way", () => {
    const memory = new FakeMemory();
    const fake = openSecrets({ memory });
    const exhausted = new LetheError("ERR_LETHE_EXHAUSTED", "no room");
    const allocate = memory.allocate.bind(memory);
    memory.allocate = () => {
      throw exhausted;
    };
    const source = ascii("6161");
    expect(thrown(() => fake.move(source))).toBe(exhausted);
    expect(thrown(() => fake.decode(source, "hex"))).toBe(exhausted);
    memory.allocate = allocate;
    memory.arm({ at: 1, when: "before", error: new LetheError("ERR_LETHE_PROTECT", "no") });
    expect(thrown(() => fake.move(source)).code).toBe("ERR_LETHE_PROTECT");
    expect(Buffer.from(source).toString()).toBe("6161");
    expect([fake.stats.live, memory.last.released, memory.violations]).toEqual([0, 1, []]);
  });
});

describe("strings and other things that are not bytes", () => {
  const secret = secrets.allocate(8);
  const entries: Readonly<Record<string, (value: never) => unknown>> = {
    move: (value) => openSecrets().move(value),
    decode: (value) => openSecrets().decode(value, "hex"),
    equals: (value) => openSecrets().allocate(8).equals(value),
  };
  secret.destroy();
  for (const [name, call] of Object.entries(entries)) {
    it(`${name} refuses them with a reason, and does not quote them`, () => {
      const { message } = thrown(() => call("hunter2" as never));
      expect(message).toMatch(
        /^Cannot \w+ secret as \w+ must be a Uint8Array: current value is a s/,
      );
      expect(message).toMatch(/can never be wiped; .*offHeapBytes\(\)/);
      expect(message).not.toContain("hunter2");
      for (const value of [["h"], { 0: 1, length: 1 }, 7, null, undefined, new ArrayBuffer(8)]) {
        expect(thrown(() => call(value as never))).toBeInstanceOf(TypeError);
      }
      expect(thrown(() => call(new Uint8Array(0) as never))).toBeInstanceOf(RangeError);
    });
  }
});
