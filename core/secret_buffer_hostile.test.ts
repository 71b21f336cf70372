import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { read, sample, thrown } from "../testing/core/samples.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { isSecretBuffer } from "./held_secret.ts";

const memory = new FakeMemory();
const secrets = openSecrets({ memory });
afterEach(() => {
  secrets.purge();
  expect(memory.violations).toEqual([]);
});

/** A thenable whose `then` is whatever `read` gives each time that it is asked. */
function thenable(read: () => unknown): object {
  return {
    // biome-ignore lint/suspicious/noThenProperty: it is the hostile thenable
    get then() {
      return read();
    },
  };
}

/** A value as `use` could return it, although its type says otherwise. */
function exposing(secret: SecretBuffer, result: unknown): unknown {
  return secret.expose<unknown>(() => result);
}

describe("what use returns", () => {
  it("a `then` getter that throws ends the scope", () => {
    const secret = secrets.random(8);
    const trap = thenable(() => {
      throw new Error("on purpose");
    });
    expect(() => exposing(secret, trap)).toThrow("on purpose");
    expect(secret.state).toBe("guarded");
  });

  it("a `then` getter that throws the second time ends the scope and rejects", async () => {
    const secret = secrets.random(8);
    let reads = 0;
    const trap = thenable(() => {
      reads += 1;
      if (reads > 1) throw new Error("on purpose");
      return () => undefined;
    });
    await expect(exposing(secret, trap)).rejects.toThrow("on purpose");
    expect(secret.state).toBe("guarded");
  });

  it("a thenable that settles twice, or throws after settling, ends the scope once", async () => {
    const secret = secrets.random(8);
    type Settle = (value: unknown) => void;
    const twice = thenable(() => (resolve: Settle, reject: Settle) => {
      resolve(1);
      resolve(2);
      reject(new Error("too late"));
      throw new Error("too late");
    });
    const [outer, inner] = [exposing(secret, twice), exposing(secret, twice)];
    expect(secret.state).toBe("exposed");
    expect([await outer, await inner]).toEqual([1, 1]);
    expect(secret.state).toBe("guarded");
    secret.modify((bytes) => bytes.fill(1));
  });

  it("a thenable that destroys the secret while it is asked finds it destroyed", async () => {
    const secret = secrets.random(8);
    const destroyer = thenable(() => {
      secret.destroy();
      return (resolve: () => void) => resolve();
    });
    await exposing(secret, destroyer);
    expect([secret.state, memory.last.released]).toEqual(["destroyed", 1]);
  });

  it("a view with a `buffer` of its own does not keep the scope open", async () => {
    for (const patch of [
      { value: undefined },
      {
        get: () => {
          throw new TypeError("on purpose");
        },
      },
    ]) {
      const secret = secrets.random(8);
      const pending = secret.expose(async (bytes) => {
        Object.defineProperty(bytes, "buffer", patch);
      });
      await expect(pending).rejects.toThrow(TypeError);
      expect(secret.state).toBe("guarded");
      secret.destroy();
    }
  });
});

describe("what use does", () => {
  it("modify is exclusive, also inside itself and inside an expose", () => {
    const secret = secrets.random(8);
    const busy = (event: "expose" | "modify"): void =>
      expect(thrown(() => secret[event](() => undefined)).code).toBe("ERR_LETHE_BUSY");
    secret.modify(() => {
      busy("modify");
      busy("expose");
      expect(thrown(() => secret.freeze()).code).toBe("ERR_LETHE_BUSY");
    });
    secret.expose(() => {
      busy("modify");
      secret.freeze();
    });
    expect(thrown(() => secret.modify(() => undefined)).code).toBe("ERR_LETHE_FROZEN");
  });

  it("transferring the buffer away is an error at once, for every other scope, and on destroy", async () => {
    const heap = openSecrets();
    const secret = heap.move(sample(8));
    const stolen: ArrayBuffer[] = [];
    const take = (bytes: Uint8Array<ArrayBuffer>): void => {
      stolen.push(bytes.buffer.transfer());
      const second = thrown(() => secret.expose((view) => view.length));
      expect(second.code).toBe("ERR_LETHE_UNAVAILABLE");
    };
    expect(thrown(() => secret.expose(take)).code).toBe("ERR_LETHE_WIPE");
    expect(secret.state).toBe("exposed");
    expect(thrown(() => secret.expose(() => undefined)).code).toBe("ERR_LETHE_WIPE");
    expect(thrown(() => secret.destroy()).code).toBe("ERR_LETHE_WIPE");
    expect([secret.state, heap.stats.live, stolen.length]).toEqual(["modifying", 1, 1]);
  });

  it("a use that is not a function is a TypeError and opens nothing", () => {
    const secret = secrets.random(8);
    for (const use of [undefined, null, "bytes", {}, 1]) {
      expect(thrown(() => secret.expose(use as never))).toBeInstanceOf(TypeError);
      expect(thrown(() => secret.modify(use as never))).toBeInstanceOf(TypeError);
    }
    expect(memory.last.protection).toBe("no-access");
  });
});

describe("forgery", () => {
  it("the constructor that a secret leads to makes no secret", () => {
    const Reached = secrets.random(8).constructor as new (...given: unknown[]) => object;
    const holding = { byteLength: 8, state: "guarded", enter: () => sample(8), leave: () => null };
    expect(() => new Reached(holding, {})).toThrow(TypeError);
    expect(() => new (class extends Reached {})(holding, {})).toThrow(TypeError);
    expect(() => Object.assign(Reached, { is: () => true })).toThrow(TypeError);
    expect(isSecretBuffer({})).toBe(false);
  });

  it("methods borrowed for another object refuse it", () => {
    const { expose, destroy, freeze } = secrets.random(8);
    for (const method of [expose, destroy, freeze]) {
      expect(() => Reflect.apply(method, {}, [() => undefined])).toThrow(TypeError);
    }
  });

  it("slice and move do not ask the view or the source for a constructor or method", () => {
    class Spy extends Uint8Array<ArrayBuffer> {
      static get [Symbol.species](): Uint8ArrayConstructor {
        throw new Error("species was asked");
      }
    }
    const source = new Spy(new ArrayBuffer(8));
    source.set(sample(8));
    const secret = secrets.move(source);
    expect([...source]).toEqual(new Array(8).fill(0));
    const clone = secret.expose((bytes) => {
      Object.defineProperty(bytes, "constructor", { value: Spy });
      return secret.clone();
    });
    expect([...read(clone)]).toEqual([...sample(8)]);
  });
});
