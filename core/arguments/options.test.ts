import vm from "node:vm";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { readOptions, readRecord } from "./options.ts";

interface Sample {
  readonly size?: number;
  readonly name?: string;
}
const read = (given: unknown): Readonly<Partial<Sample>> =>
  readOptions(given as Sample, "try", ["size", "name"]);

describe("readOptions", () => {
  it("gives own properties, without a prototype that could add one", () => {
    const own = read({ size: 1 });
    expect([own.size, Object.getPrototypeOf(own), Object.isFrozen(own)]).toEqual([1, null, true]);
    expect(Reflect.ownKeys(read(undefined))).toEqual([]);
    Object.defineProperty(Object.prototype, "name", { value: "planted", configurable: true });
    try {
      expect([read({}).name, read(undefined).name, read({ size: 1 }).name]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    } finally {
      Reflect.deleteProperty(Object.prototype, "name");
    }
  });

  it("asks a getter and a proxy once for each option", () => {
    let asked = 0;
    const counting = {
      get size() {
        asked += 1;
        return asked;
      },
    };
    const own = read(counting);
    expect([own.size, own.size, asked]).toEqual([1, 1, 1]);
    const log: string[] = [];
    const proxy = new Proxy(
      { size: 1 },
      {
        get: (target, key) => {
          log.push(String(key));
          return Reflect.get(target, key);
        },
      },
    );
    expect([read(proxy).size, log]).toEqual([1, ["size"]]);
  });

  it("also sees an own property that is not enumerable, and keeps one that is undefined", () => {
    expect(read(Object.defineProperty({}, "size", { value: 3 })).size).toBe(3);
    expect("size" in read({ size: undefined })).toBe(true);
  });

  it("takes a literal of any realm and an object without a prototype", () => {
    expect(read(vm.runInNewContext("({ size: 5 })")).size).toBe(5);
    expect(read(Object.assign(Object.create(null), { size: 6 })).size).toBe(6);
  });

  it("refuses whatever could carry options where they are not seen, and every unknown name", () => {
    class Config {
      get size(): number {
        return 1;
      }
    }
    const secrets = openSecrets();
    const inherited = [{ size: 1 }, Object.assign(Object.create(null), { size: 1 })];
    for (const wrong of [
      ...inherited.map((above) => Object.create(above)),
      new Config(),
      secrets.random(1),
      new Uint8Array(1),
      [],
      new Map([["size", 1]]),
      null,
      "size",
      1,
      () => 1,
    ]) {
      expect(() => read(wrong)).toThrow(/^Cannot try as options must be a plain object: /);
    }
    for (const unknown of [{ sise: 1 }, JSON.parse('{"__proto__":1}'), { constructor: 1 }]) {
      expect(() => read(unknown)).toThrow(/^Cannot try as there is no option \w+: there are size/);
    }
    expect(() => read({ "correct horse battery": 1 })).toThrow(/no option one that is not a name/);
    expect(() => readOptions({ a: 1 } as object, "try", ["b" as never], "cost")).toThrow(
      "Cannot try as cost has no a: there is b",
    );
    secrets.purge();
  });
});

describe("readRecord", () => {
  it("reads the named own properties once, and lets the others be", () => {
    const inherits: Sample = Object.assign(Object.create({ name: "inherited" }), {
      size: 2,
      id: 9,
    });
    const own = readRecord(inherits, "try", "hash", ["size", "name"]);
    expect([own.size, own.name, Reflect.ownKeys(own)]).toEqual([2, undefined, ["size"]]);
  });

  it("refuses what is not an object", () => {
    for (const wrong of [undefined, null, 1, "text"]) {
      expect(() => readRecord(wrong as never, "try", "keyPair", ["size"] as never)).toThrow(
        /^Cannot try as keyPair must be an object with size: /,
      );
    }
  });
});
