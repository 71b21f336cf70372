import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sample, thrown } from "../../testing/core/samples.ts";
import {
  all,
  LenderScene,
  lender,
  RIGHT,
  waysOf,
} from "../../testing/core/standard/hostile_lenders.ts";

const content = sample(20);
let scene = new LenderScene();
beforeEach(() => {
  scene = new LenderScene();
});
afterEach(() => scene.end());

describe("what is lent", () => {
  const { length } = content;
  const shared = (): Uint8Array => {
    const bytes = new Uint8Array(new SharedArrayBuffer(length));
    bytes.set(content);
    return bytes;
  };
  const growable = (): Uint8Array => {
    const buffer = new SharedArrayBuffer(length, { maxByteLength: 64 });
    const bytes = new Uint8Array(buffer);
    bytes.set(content);
    return bytes;
  };
  const resizable = (): Uint8Array => {
    const bytes = new Uint8Array(new ArrayBuffer(length, { maxByteLength: 64 }));
    bytes.set(content);
    return bytes;
  };
  const lying = (): Uint8Array => {
    class Lying extends Uint8Array {
      override get length(): number {
        return 3;
      }
      override get byteLength(): number {
        return 3;
      }
      static get [Symbol.species](): never {
        throw new Error("asked for its class");
      }
    }
    const bytes = new Lying(length);
    bytes.set(content);
    return bytes;
  };
  it.each([
    ["a pooled Buffer", () => Buffer.from(content)],
    ["a part of a larger array", () => Uint8Array.of(9, ...content, 9).subarray(1, -1)],
    ["memory of other threads", shared],
    ["memory of other threads that can grow", growable],
    ["memory that can change its length", resizable],
    ["a class that lies about its length", lying],
    [
      "an array of another realm",
      () => runInNewContext(`Uint8Array.of(${content.join()})`) as Uint8Array,
    ],
  ])("is copied whole: %s", (_, make) => {
    expect(all(scene.secrets, () => lender((use) => use(make())))).toEqual(RIGHT);
  });

  it.each<readonly [string, () => unknown]>([
    [
      "an array that says it has that length",
      () => Object.assign([...content], { byteLength: length }),
    ],
    ["an object made of its prototype", () => Object.create(Uint8Array.prototype)],
    ["an object with its tag", () => ({ [Symbol.toStringTag]: "Uint8Array", length })],
    ["a proxy of a view", () => new Proxy(content.slice(), {})],
    ["a proxy of another realm", () => runInNewContext("new Proxy(new Uint8Array(20), {})")],
    ["a clamped array", () => new Uint8ClampedArray(content)],
    ["its buffer", () => content.slice().buffer],
    [
      "a view that was cut off",
      () => {
        const bytes = resizable();
        (bytes.buffer as ArrayBuffer).resize(4);
        return bytes;
      },
    ],
  ])("is refused: %s", (_, make) => {
    for (const way of Object.values(waysOf(scene.secrets))) {
      const error = thrown(() => way(lender((use) => use(make()))));
      expect([error.code, error.message]).toEqual([
        "ERR_LETHE_LENDER",
        expect.stringMatching(/something other than a Uint8Array of its byteLength/),
      ]);
    }
  });
});
