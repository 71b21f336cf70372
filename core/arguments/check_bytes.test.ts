import { Buffer } from "node:buffer";
import vm from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { isBytes, lengthOf, publicBytes } from "./check_bytes.ts";

const check = (value: unknown, byteLength?: number): Uint8Array =>
  publicBytes(value, "try", "data", byteLength);

/** Says that it is something else, in every way in which an instance can. */
class Liar extends Uint8Array<ArrayBuffer> {
  override get length(): number {
    return 1;
  }
  override get byteOffset(): number {
    return 0;
  }
  override get buffer(): ArrayBuffer {
    return new ArrayBuffer(1);
  }
}

describe("publicBytes", () => {
  it("gives a view of this realm over the same bytes, whatever class or realm they are of", () => {
    const whole = new Uint8Array([9, 1, 2, 3]);
    const patched = whole.subarray(1);
    Object.defineProperty(patched, "length", { value: 1 });
    for (const bytes of [
      whole.subarray(1),
      patched,
      new Liar(whole.buffer, 1, 3),
      Buffer.from(whole.buffer, 1, 3),
      vm.runInNewContext("new Uint8Array([9, 1, 2, 3]).subarray(1)"),
      vm.runInNewContext("new (class extends Uint8Array {})([1, 2, 3])"),
      new Uint8Array(vm.runInNewContext("new Uint8Array([9, 1, 2, 3]).buffer"), 1, 3),
    ]) {
      const view = check(bytes, 3);
      expect([...view]).toEqual([1, 2, 3]);
      expect(Object.getPrototypeOf(view)).toBe(Uint8Array.prototype);
      expect(Reflect.ownKeys(view)).toEqual(["0", "1", "2"]);
    }
    expect(check(new Uint8Array(0)).length).toBe(0);
  });

  it("refuses what is not a Uint8Array, however it looks", () => {
    const buffer = new ArrayBuffer(8);
    for (const wrong of [
      Object.create(Uint8Array.prototype),
      new Proxy(new Uint8Array(1), {}),
      { length: 1, 0: 1, [Symbol.toStringTag]: "Uint8Array" },
      buffer,
      new DataView(buffer),
      new Uint8ClampedArray(1),
      new Int8Array(1),
      [1],
      "text",
      null,
      undefined,
    ]) {
      expect(() => check(wrong)).toThrow(/^Cannot try as data must be a Uint8Array: /);
    }
  });

  it("refuses memory that other threads can change, also when it can grow", () => {
    const growing = new SharedArrayBuffer(8, { maxByteLength: 16 });
    for (const buffer of [new SharedArrayBuffer(8), growing]) {
      expect(() => check(new Uint8Array(buffer))).toThrow(/not be shared with other threads/);
    }
  });

  it("tells what was detached or left out of bounds from what is empty", () => {
    const gone = new Uint8Array(8);
    gone.buffer.transfer();
    const none = new Uint8Array(0);
    none.buffer.transfer();
    for (const detached of [gone, none]) expect(() => check(detached)).toThrow(/it is detached$/);
    const buffer = new ArrayBuffer(8, { maxByteLength: 8 });
    const [tracking, fixed, start] = [
      new Uint8Array(buffer, 4),
      new Uint8Array(buffer, 2, 4),
      new Uint8Array(buffer),
    ];
    buffer.resize(3);
    for (const lost of [tracking, fixed]) {
      expect(() => check(lost)).toThrow(/it is out of the bounds of its buffer$/);
    }
    expect(check(start, 3).length).toBe(3);
    buffer.resize(0);
    expect(check(start).length).toBe(0);
  });

  it("keeps its length when the buffer grows afterwards", () => {
    const buffer = new ArrayBuffer(4, { maxByteLength: 8 });
    const view = check(new Uint8Array(buffer));
    buffer.resize(8);
    expect(view.length).toBe(4);
  });

  it("refuses another length", () => {
    expect(() => check(new Uint8Array(3), 4)).toThrow(
      "Cannot try as data must have 4 bytes: it has 3",
    );
  });
});

it("isBytes and lengthOf ask the slots", () => {
  const liar = new Liar(new ArrayBuffer(4));
  expect([isBytes(liar), lengthOf(liar), isBytes({}), isBytes(null)]).toEqual([
    true,
    4,
    false,
    false,
  ]);
});

it("takes bytes also in engines that do not say what was detached", async () => {
  const detached = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "detached");
  const gone = new Uint8Array(4);
  gone.buffer.transfer();
  try {
    Reflect.deleteProperty(ArrayBuffer.prototype, "detached");
    vi.resetModules();
    const old = await import("./check_bytes.ts");
    expect(old.publicBytes(new Uint8Array(3), "try", "data").length).toBe(3);
    expect(() => old.publicBytes(gone, "try", "data")).toThrow(/it is detached$/);
  } finally {
    Object.defineProperty(ArrayBuffer.prototype, "detached", detached as PropertyDescriptor);
  }
});
