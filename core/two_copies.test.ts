import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as ours from "../adapters/node/mod.ts";
import { openSodiumEngine } from "../engines/sodium/mod.ts";
import { sample, thrown } from "../testing/core/samples.ts";

/** A second copy, as a second version in node_modules is: the same code, loaded anew. */
let theirs: typeof ours;
const mine = ours.openSecrets({ memory: "heap", engine: openSodiumEngine() });
beforeAll(async () => {
  vi.resetModules();
  theirs = await import("../adapters/node/mod.ts");
  expect(theirs.openSecrets).not.toBe(ours.openSecrets);
});
afterAll(() => {
  mine.purge();
  vi.resetModules();
});

const OTHER = /of another copy of Lethe: two are loaded, which npm ls lethe shows/;

describe("a secret of another copy", () => {
  it("is named as that wherever a secret is taken, with a way out that works", () => {
    const secret = theirs.openSecrets({ memory: "heap" }).move(sample(32));
    const crypto = ours.openCrypto(mine, { engine: openSodiumEngine() });
    const calls = [
      () => crypto.encrypt(secret, sample(3)),
      () => crypto.hmac(mine.random(3), secret),
      () => ours.openEnclaves(mine).seal(secret),
      () => mine.encode(secret, "hex"),
      () => ours.openEnclaves(mine).sealStream({ key: secret }),
      () => mine.random(3).equals(secret),
      () => ours.exposeAll([mine.random(3), secret], () => 0),
      () => ours.equalBytes(secret as never, sample(3)),
    ];
    for (const call of calls) expect(call).toThrow(OTHER);
    expect(thrown(() => crypto.encrypt(secret, sample(3))).message).toMatch(
      /until then copy it: allocate one here, and set its bytes inside theirs\.expose\(\)$/,
    );
    const copy = mine.allocate(secret.byteLength);
    secret.expose((bytes) => copy.modify((room) => room.set(bytes)));
    expect(crypto.encrypt(copy, sample(3)).length).toBe(43);
  });

  it("is neither trusted nor forged by the mark", () => {
    const secret = theirs.openSecrets({ memory: "heap" }).move(sample(32));
    expect([ours.isSecretBuffer(secret), theirs.isSecretBuffer(secret)]).toEqual([false, true]);
    const [mark] = Object.getOwnPropertySymbols(Object.getPrototypeOf(secret)).filter(
      (symbol) => symbol === Symbol.for("lethe:object"),
    );
    const forged = { [mark as symbol]: (secret as never)[mark as never] };
    expect(ours.isSecretBuffer(forged)).toBe(false);
    expect(() => ours.openEnclaves(mine).seal(forged as never)).toThrow(OTHER);
    expect(JSON.stringify(Object.assign({}, secret))).toBe("{}");
  });

  it("cannot be given to functions as their Secrets or enclaves either", () => {
    const others = theirs.openSecrets({ memory: "heap", engine: openSodiumEngine() });
    expect(() => ours.openCrypto(others)).toThrow(OTHER);
    const enclave = theirs.openEnclaves(others).seal(others.random(3));
    expect(() => ours.openEnclaves(mine).seal(enclave as never)).toThrow(
      /an Enclave of another copy/,
    );
  });
});

it("an object of this copy in a wrong place is named by what it is", () => {
  expect(() => ours.openCrypto(mine.random(3) as never)).toThrow(
    /current value is a SecretBuffer$/,
  );
  expect(() => mine.encode(mine as never, "hex")).toThrow(/current value is a Secrets/);
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("asked");
      },
    },
  );
  expect(() => mine.encode(hostile as never, "hex")).toThrow(/current value is an object$/);
});
