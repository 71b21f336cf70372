import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as ours from "../adapters/node/mod.ts";
import { openSodiumEngine } from "../engines/sodium/mod.ts";
import { sample } from "../testing/core/samples.ts";
import { readers } from "../testing/whole/readers.ts";
import { checkLender } from "./standard/check_lender.ts";

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
  it("is taken wherever bytes are read, and stays theirs", async () => {
    const secret = theirs.openSecrets({ memory: "heap" }).move(sample(32));
    for (const [name, call] of Object.entries(readers(ours as never, mine, () => secret))) {
      expect(await call(), name).toBe("");
    }
    expect([secret.state, mine.stats.live]).toEqual(["guarded", 0]);
    expect(checkLender(secret)).toEqual([]);
  });

  it("is named as that where a secret is consumed or lent side by side, with a way out", () => {
    const secret = theirs.openSecrets({ memory: "heap" }).move(sample(32));
    const calls = [
      () => ours.openEnclaves(mine).seal(secret),
      () => ours.exposeAll([mine.random(3), secret], () => 0),
      () => mine.move(secret as never),
    ];
    for (const call of calls) {
      expect(call).toThrow(OTHER);
      expect(call).toThrow(/secrets\.adopt\(\)/);
    }
    const copy = mine.adopt(secret);
    expect(ours.openEnclaves(mine).seal(copy).byteLength).toBe(32);
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
