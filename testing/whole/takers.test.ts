import { Buffer } from "node:buffer";
import vm from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as entry from "../../adapters/node/mod.ts";
import { type Make, openTakers, outcomes, takers } from "./takers.ts";

type Bytes = Uint8Array<ArrayBuffer>;
let scene: Awaited<ReturnType<typeof openTakers>>;
beforeAll(async () => {
  scene = await openTakers(entry as never);
});
afterAll(async () => {
  await scene.custodian.close();
  scene.secrets.purge();
});

class Liar extends Uint8Array<ArrayBuffer> {
  override get length(): number {
    return 1;
  }
}
const inContext = (code: string, content: readonly number[]): Bytes =>
  vm.runInNewContext(code, { content });
const resizable = (content: readonly number[]): Bytes => {
  const bytes = new Uint8Array(new ArrayBuffer(content.length, { maxByteLength: 4096 }));
  bytes.set(content);
  return bytes;
};

/** What every parameter that takes bytes takes. */
const TAKEN: Readonly<Record<string, Make>> = {
  "a Uint8Array": (content) => Uint8Array.from(content),
  "a Buffer of the pool": (content) => Buffer.from(content) as Bytes,
  "a Uint8Array of another realm": (content) => inContext("Uint8Array.from(content)", content),
  "a subclass of another realm": (content) =>
    inContext("(class extends Uint8Array {}).from(content)", content),
  "a view of another realm's buffer": (content) =>
    new Uint8Array(inContext("Uint8Array.from(content).buffer", content) as never),
  "a subclass that lies about its length": (content) => {
    const liar = new Liar(new ArrayBuffer(content.length));
    Uint8Array.prototype.set.call(liar, content);
    return liar;
  },
  "a view of a resizable buffer": resizable,
};

/** What no parameter takes, and what is said of it. */
const REFUSED: Readonly<Record<string, readonly [Make, RegExp]>> = {
  "a string": [() => "secret" as never, /a string/],
  "an array": [(content) => content as never, /an array/],
  "a DataView": [(content) => new DataView(Uint8Array.from(content).buffer) as never, /an object/],
  "an ArrayBuffer": [(content) => Uint8Array.from(content).buffer as never, /an object/],
  "a Uint8ClampedArray": [(content) => Uint8ClampedArray.from(content) as never, /an object/],
  "a Uint16Array of another realm": [
    (content) => inContext("Uint16Array.from(content)", content),
    /an object/,
  ],
  "a proxy": [(content) => new Proxy(Uint8Array.from(content), {}), /an object/],
  "a look-alike": [() => Object.create(Uint8Array.prototype), /an object/],
  "a detached array": [
    (content) => {
      const bytes = Uint8Array.from(content);
      bytes.buffer.transfer();
      return bytes;
    },
    /it is detached/,
  ],
  "an array that was transferred to a worker": [
    (content) => {
      const bytes = Uint8Array.from(content);
      structuredClone(bytes, { transfer: [bytes.buffer] });
      return bytes;
    },
    /it is detached/,
  ],
  "a view out of the bounds of its buffer": [
    (content) => {
      const bytes = resizable(content);
      const view = new Uint8Array(bytes.buffer, 1);
      bytes.buffer.resize(0);
      return view;
    },
    /it is out of the bounds of its buffer/,
  ],
};

/** They take their bytes over, and wipe them: no other thread's look matters to that. */
const TAKES_OVER = /^(?:move|decode|equals|equalBytes|wipeBytes|parseKey source|sealStream)/;

describe("every parameter that takes bytes", () => {
  it.each(Object.keys(TAKEN))("takes %s", async (kind) => {
    const said = await outcomes(takers(scene, TAKEN[kind] as Make));
    expect(said).toEqual(Object.fromEntries(Object.keys(said).map((name) => [name, ""])));
  });

  it.each(Object.keys(REFUSED))("refuses %s, and says what it is", async (kind) => {
    const [make, reason] = REFUSED[kind] as readonly [Make, RegExp];
    for (const [name, said] of Object.entries(await outcomes(takers(scene, make)))) {
      // There is nothing to wipe in bytes that are gone.
      if (name.startsWith("wipeBytes") && /detached|bounds/.test(reason.source)) continue;
      // A stored hash is not a secret, and text in most databases.
      if (name.endsWith("verifyPassword hash") && kind === "a string") continue;
      expect(said, name).toMatch(/^(?:TypeError|RangeError): Cannot /);
      expect(said, name).toMatch(reason);
    }
  });

  it("and is used more than once refuses memory that other threads can change", async () => {
    const shared: Make = (content) => {
      const bytes = new Uint8Array(new SharedArrayBuffer(content.length));
      bytes.set(content);
      return bytes as never;
    };
    for (const [name, said] of Object.entries(await outcomes(takers(scene, shared)))) {
      if (!TAKES_OVER.test(name)) expect(said, name).toMatch(/not be shared with other threads/);
    }
  });
});
