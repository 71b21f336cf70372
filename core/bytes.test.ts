import { Buffer } from "node:buffer";
import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { SIZES, sample, thrown } from "../testing/core/samples.ts";
import { checkBytes } from "./arguments/check_bytes.ts";
import { equalBytes, MAX_BYTE_LENGTH, offHeapBytes, wipeBytes } from "./bytes.ts";

/** Claims to hold nothing, and keeps every way to overwrite it from working. */
class Liar extends Uint8Array<ArrayBuffer> {
  override get length(): number {
    return 0;
  }
  override get byteLength(): number {
    return 0;
  }
  override fill(): this {
    return this;
  }
  override set(): void {
    throw new Error("set was called");
  }
}

describe("offHeapBytes", () => {
  it("gives zeros of the length asked for, in a buffer that no engine keeps on its heap", () => {
    for (const size of SIZES) {
      const bytes = offHeapBytes(size);
      expect([bytes.length, bytes.byteOffset, bytes.every((byte) => byte === 0)]).toEqual([
        size,
        0,
        true,
      ]);
      expect(bytes.buffer.byteLength).toBeGreaterThanOrEqual(256);
    }
  });

  it("refuses what is not a length", () => {
    for (const length of [0, -1, 1.5, Number.NaN, MAX_BYTE_LENGTH + 1, Number.POSITIVE_INFINITY]) {
      expect(thrown(() => offHeapBytes(length))).toBeInstanceOf(RangeError);
    }
    for (const length of ["32", null, undefined, 32n, [32], {}]) {
      expect(thrown(() => offHeapBytes(length as never))).toBeInstanceOf(TypeError);
    }
  });
});

describe("wipeBytes", () => {
  it("overwrites exactly the view, of any class and over any buffer", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(32), 8, 16);
    const growing = new Uint8Array(new ArrayBuffer(32, { maxByteLength: 64 }), 8, 16);
    const liar = new Liar(new ArrayBuffer(32), 8, 16);
    for (const bytes of [shared, growing, liar, Buffer.alloc(32).subarray(8, 24)]) {
      const whole = new Uint8Array(bytes.buffer, bytes.byteOffset - 8, 32);
      Uint8Array.prototype.fill.call(whole, 0xa5);
      expect(wipeBytes(bytes)).toBe(true);
      expect([...whole]).toEqual([
        ...Array(8).fill(0xa5),
        ...Array(16).fill(0),
        ...Array(8).fill(0xa5),
      ]);
    }
  });

  it("refuses a string, saying why", () => {
    expect(() => wipeBytes("secret" as never)).toThrow(/string can never be wiped/);
    expect(thrown(() => wipeBytes([1, 2] as never))).toBeInstanceOf(TypeError);
  });
});

describe("equalBytes", () => {
  it("finds a difference in any bit of any byte", () => {
    const left = sample(65);
    for (let index = 0; index < left.length; index++) {
      for (let bit = 1; bit < 256; bit <<= 1) {
        const right = sample(65);
        right[index] = (right[index] as number) ^ bit;
        expect(equalBytes(left, right)).toBe(false);
      }
    }
    expect(equalBytes(left, sample(65))).toBe(true);
    expect(equalBytes(left, sample(64))).toBe(false);
  });

  it("names the side that it cannot take", () => {
    const bytes = sample(4);
    expect(() => equalBytes(1 as never, bytes)).toThrow(/^Cannot compare secret as left must be/);
    expect(() => equalBytes(bytes, 1 as never)).toThrow(/^Cannot compare secret as right must be/);
    expect(() => offHeapBytes(0)).toThrow(/^Cannot allocate secret as byteLength must be/);
  });

  it("is not fooled by a class that claims to be shorter", () => {
    const liar = new Liar(new ArrayBuffer(8));
    expect(equalBytes(liar, new Uint8Array(8))).toBe(true);
    expect(equalBytes(liar, sample(8))).toBe(false);
  });

  it("refuses strings, arrays and empty views, which would all be equal", () => {
    for (const [left, right] of [
      ["abc", "xyz"],
      [["a"], ["b"]],
      [{}, {}],
      [null, null],
    ]) {
      expect(thrown(() => equalBytes(left as never, right as never))).toBeInstanceOf(TypeError);
    }
    const secrets = openSecrets();
    const [one, other] = [secrets.random(8), secrets.random(8)];
    const escaped = [one.expose((bytes) => bytes), other.expose((bytes) => bytes)] as const;
    expect(() => equalBytes(...escaped)).toThrow(/at least 1 byte: it is detached/);
    expect(() => equalBytes(new Uint8Array(0), new Uint8Array(0))).toThrow(/it is empty/);
    secrets.purge();
  });
});

describe("checkBytes", () => {
  const check = (value: unknown): void => checkBytes(value, "move secret", "source");

  it("takes every Uint8Array, also one of another realm and any subclass", () => {
    const foreign: unknown = vm.runInNewContext("new Uint8Array(4)");
    for (const value of [
      new Uint8Array(1),
      Buffer.alloc(1),
      foreign,
      new Liar(new ArrayBuffer(4)),
    ]) {
      expect(() => check(value)).not.toThrow();
    }
  });

  it("takes nothing that only looks like one", () => {
    const buffer = new ArrayBuffer(8);
    const fakes = [Object.create(Uint8Array.prototype), new Proxy(new Uint8Array(1), {}), [1]];
    const others = [buffer, new DataView(buffer), new Uint8ClampedArray(1), new Int8Array(1)];
    for (const value of [...fakes, ...others, null, undefined, 1, 1n, Symbol("secret"), check]) {
      expect(thrown(() => check(value))).toBeInstanceOf(TypeError);
    }
  });

  it("tells an empty view from a detached one, and from one whose buffer shrank away", () => {
    const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
    const views = [new Uint8Array(buffer), new Uint8Array(buffer, 4)];
    buffer.resize(2);
    expect(() => check(views[1])).toThrow(/it is out of the bounds of its buffer/);
    buffer.transfer();
    expect(() => check(views[0])).toThrow(/it is detached/);
    expect(() => check(new Uint8Array(0))).toThrow(/it is empty/);
  });
});
