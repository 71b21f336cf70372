import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adopting } from "../../features/crypto/lend.ts";
import { HeapMemory, openSecrets } from "../../memories/heap/mod.ts";
import { FakeMemory } from "../../testing/core/fake_memory.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import { simpleLender } from "../../testing/core/standard/lenders.ts";
import { SOAK } from "../../testing/tier.ts";
import { equalBytes } from "../bytes.ts";
import type { StandardSecretV1 } from "./standard.ts";

// A lender is code of somebody else, and so is what a program loads beside it.

let memory = new FakeMemory();
let secrets = openSecrets({ memory });
const content = sample(20);
beforeEach(() => {
  memory = new FakeMemory();
  secrets = openSecrets({ memory });
});
afterEach(() => {
  secrets.purge();
  expect(memory.violations).toEqual([]);
  expect(memory.regions.filter(({ protection }) => protection !== "no-access")).toEqual([]);
});

const THEN = "then";

type Take = (bytes: unknown) => unknown;

function lender(expose: (use: Take) => unknown, byteLength: number = 20): StandardSecretV1 {
  return { "~secret": { version: 1, vendor: "hostile", byteLength, expose: expose as never } };
}

/** Runs `attack` while `object` has other properties, and puts it back. */
function having<T>(object: object, properties: Record<PropertyKey, unknown>, attack: () => T): T {
  const before = Reflect.ownKeys(properties).map(
    (key) => [key, Object.getOwnPropertyDescriptor(object, key)] as const,
  );
  try {
    for (const [key] of before) {
      const given = Object.getOwnPropertyDescriptor(properties, key) as PropertyDescriptor;
      Object.defineProperty(object, key, { ...given, configurable: true });
    }
    return attack();
  } finally {
    for (const [key, own] of before) {
      Reflect.deleteProperty(object, key);
      if (own !== undefined) Object.defineProperty(object, key, own);
    }
  }
}

/** What each way to use a lender comes to. */
const WAYS: Readonly<Record<string, (input: StandardSecretV1) => unknown>> = {
  adopt: (input) => textOf(secrets.adopt(input)),
  equals: (input) => secrets.move(sample(20)).equals(input),
  equalBytes: (input) => equalBytes(sample(20), input),
  encode: (input) => textOf(secrets.encode(input, "hex")),
  base64: (input) => textOf(secrets.encode(input, "base64")),
};
const WAY_NAMES = Object.keys(WAYS);

/** The bytes as text, with nothing that a test has replaced. */
function textOf(secret: StandardSecretV1): string {
  const { byteLength, expose } = secret["~secret"];
  return expose((bytes) => {
    let text = "";
    for (let at = 0; at < byteLength; at++) text += `${bytes[at]} `;
    return text;
  });
}

/** A lender that depends on no method either. */
function plainLender(): StandardSecretV1 {
  return lender((use) => {
    const bytes = new Uint8Array(new ArrayBuffer(20));
    for (let at = 0; at < 20; at++) bytes[at] = CONTENT[at] as number;
    return use(bytes);
  });
}
const CONTENT: readonly number[] = [...content];

function all(make: () => StandardSecretV1): unknown {
  const results: Record<string, unknown> = {};
  for (const name of WAY_NAMES) results[name] = WAYS[name]?.(make());
  return results;
}
const RIGHT = {
  adopt: `${content.join(" ")} `,
  equals: true,
  equalBytes: true,
  encode: `${[...Buffer.from(Buffer.from(content).toString("hex"))].join(" ")} `,
  base64: `${[...Buffer.from(Buffer.from(content).toString("base64"))].join(" ")} `,
};

describe("what lies on the prototypes of the language", () => {
  const marks: readonly (readonly [name: string, object: object, properties: object])[] = [
    ["Object.prototype.error", Object.prototype, { error: new Error("of nobody") }],
    ["Object.prototype.value", Object.prototype, { value: 7 }],
    ["Object.prototype.then", Object.prototype, { [THEN]: () => undefined }],
    ["Object.prototype.isOwn", Object.prototype, { isOwn: true }],
    [
      "a setter of Array.prototype[0]",
      Array.prototype,
      {
        get 0() {
          return undefined;
        },
        set 0(_: unknown) {
          // keeps it
        },
      },
    ],
    ["Uint8Array.prototype.set", Uint8Array.prototype, { set: () => undefined }],
    ["Uint8Array.prototype.fill", Uint8Array.prototype, { fill: () => undefined }],
    ["Uint8Array.prototype.subarray", Uint8Array.prototype, { subarray: () => new Uint8Array(3) }],
    [
      "the set of all typed arrays",
      Object.getPrototypeOf(Uint8Array.prototype),
      { set: () => undefined },
    ],
    ["Uint8Array.prototype.length", Uint8Array.prototype, { length: 20 }],
    ["Uint8Array.prototype.constructor", Uint8Array.prototype, { constructor: Array }],
    ["Array.prototype.map", Array.prototype, { map: () => [] }],
    ["Promise.prototype.then", Promise.prototype, { [THEN]: () => undefined }],
    ["Promise.prototype.catch", Promise.prototype, { catch: () => undefined }],
  ];
  // A memory is somebody else's code as well: that of the tests calls what is replaced here.
  beforeEach(() => {
    secrets = openSecrets();
  });
  it.each(marks)("changes nothing: %s", (_, object, properties) => {
    expect(having(object, properties as never, () => all(plainLender))).toEqual(RIGHT);
  });

  it("makes no promise of what is returned inside a scope, which would then stay open", () => {
    const secret = secrets.move(sample(20));
    const given = {};
    const [returned, copy] = having(Object.prototype, { [THEN]: () => undefined }, () => [
      secret.expose(() => given),
      secrets.adopt(secret),
    ]);
    expect([returned === given, secret.state, copy.byteLength]).toEqual([true, "guarded", 20]);
  });

  it.each(marks)("lets no lender pass that breaks the contract: %s", (_, object, properties) => {
    const twice = lender((use) => {
      use(content.slice());
      use(content.slice());
    });
    const { code, live } = having(object, properties as never, () => {
      const before = secrets.stats.live;
      return { code: thrown(() => secrets.adopt(twice)).code, live: secrets.stats.live - before };
    });
    expect([code, live]).toEqual(["ERR_LETHE_LENDER", 0]);
  });

  it("shows no code the bytes that are copied into secret memory, nor keeps them out of it", () => {
    const seen: unknown[] = [];
    const spy = function (this: unknown, ...values: unknown[]): void {
      seen.push([this, ...values]);
    };
    const kept = having(Uint8Array.prototype, { set: spy, fill: spy }, () => {
      const plain = sample(20);
      const made = [secrets.move(plain), secrets.adopt(simpleLender(sample(20)))];
      return [...made, made[0]?.clone()].map((secret) => [...read(secret as never)]);
    });
    // What the lender of the test calls itself.
    expect(seen.filter((call) => (call as unknown[]).length !== 2)).toEqual([]);
    expect(kept).toEqual([[...content], Array(20).fill(0), [...content]]);
  });
});

it("a copy for one call is destroyed with it, whatever lies at an index of Array.prototype", () => {
  const setter = {
    get 0(): unknown {
      return undefined;
    },
    set 0(_: unknown) {
      // keeps it
    },
  };
  having(Array.prototype, setter, () => adopting(secrets, [plainLender()], () => 0));
  expect(secrets.stats.live).toBe(0);
});

describe("a lender that lends when it may not", () => {
  it("in the getter of what it returns, once its scope is over", () => {
    const late = lender((use) => ({
      get [THEN]() {
        use(content.slice());
        return undefined;
      },
    }));
    const error = thrown(() => secrets.adopt(late));
    expect([error.code, error.message]).toEqual([
      "ERR_LETHE_LENDER",
      expect.stringMatching(/returned a promise/),
    ]);
    expect(secrets.stats.live).toBe(0);
  });

  it("from inside the call of another lender", () => {
    let left: Take = () => undefined;
    const first = lender((use) => {
      left = use;
      return use(content.slice());
    });
    const second = lender((use) => {
      try {
        left(content.slice());
      } catch {
        // and goes on
      }
      return use(content.slice());
    });
    expect(thrown(() => equalBytes(first, second)).message).toMatch(/lent its bytes twice/);
  });

  it("with a stack that is nearly used up: no copy stays, and no page stays open", () => {
    const down = (depth: number, end: () => unknown): unknown =>
      depth === 0 ? end() : down(depth - 1, end);
    const isTaken = (depth: number): boolean => {
      try {
        secrets.adopt(lender((use) => down(depth, () => use(content)))).destroy();
        return true;
      } catch {
        return false;
      }
    };
    for (let time = 0; time < 100; time++) isTaken(300); // until it is compiled: its frames are smaller then
    let [deepest, tooDeep] = [0, 100_000];
    while (tooDeep - deepest > 1) {
      const middle = (deepest + tooDeep) >> 1;
      if (isTaken(middle)) deepest = middle;
      else tooDeep = middle;
    }
    expect(deepest).toBeGreaterThan(100);
    // As deep as it goes, and on until not even the call of `use` fits.
    for (let depth = deepest - 5; depth < deepest + (SOAK ? 500 : 40); depth += 1) {
      isTaken(depth);
      expect([depth, secrets.stats.live, memory.last.protection]).toEqual([depth, 0, "no-access"]);
    }
  });
});

describe("a lender that reaches for the secret it is compared with", () => {
  it("finds its pages closed while its own code runs", () => {
    const secret = secrets.move(sample(20));
    const seen: unknown[] = [];
    const watching = lender((use) => {
      seen.push(memory.last.protection, secret.state);
      const outcome = use(content.slice());
      seen.push(memory.last.protection, secret.state);
      return outcome;
    });
    expect(secret.equals(watching)).toBe(true);
    expect(seen).toEqual(["no-access", "guarded", "no-access", "guarded"]);
  });

  it("and destroys it gets the error of a destroyed secret", () => {
    const secret = secrets.move(sample(20));
    const ending = lender((use) => {
      secret.destroy();
      return use(content.slice());
    });
    expect(thrown(() => secret.equals(ending)).code).toBe("ERR_LETHE_DESTROYED");
  });

  it("and changes, clones or compares it does so outside of the comparison", () => {
    const secret = secrets.move(sample(20));
    const busy = lender((use) => {
      secret.modify((bytes) => bytes.fill(1));
      secret.clone().destroy();
      secret.equals(simpleLender(content));
      return use(content.slice());
    });
    expect(secret.equals(busy)).toBe(false);
    expect(secret.state).toBe("guarded");
  });
});

describe("a lender that ends what it is lent into", () => {
  it("before it lends: what is adopted then lives, or is refused with its reason", () => {
    const purging = lender((use) => {
      secrets.purge();
      return use(content.slice());
    });
    expect([...read(secrets.adopt(purging))]).toEqual([...content]);
    const others = openSecrets({ memory });
    const ending = lender((use) => {
      others[Symbol.dispose]();
      return use(content.slice());
    });
    expect(thrown(() => others.adopt(ending)).code).toBe("ERR_LETHE_DESTROYED");
    expect(others.stats.live).toBe(0);
  });

  it("after it lent: no secret of it is left", () => {
    const purging = lender((use) => {
      use(content.slice());
      secrets.purge();
    });
    expect(secrets.adopt(purging).state).toBe("destroyed");
    expect(secrets.stats.live).toBe(0);
  });

  it("inside a purge that is under way: what it adopts is new, and the purge ends all that was there", () => {
    const inner = new HeapMemory();
    let act: (() => void) | null = null;
    const acting = {
      name: "acting",
      guarantees: inner.guarantees,
      allocate(byteLength: number) {
        const region = inner.allocate(byteLength);
        const release = region.release.bind(region);
        return Object.assign(region, {
          release() {
            release();
            const run = act;
            act = null;
            run?.();
          },
        });
      },
    };
    const own = openSecrets({ memory: acting });
    const before = [own.random(8), own.random(8), own.random(8)];
    const made: { readonly state: string; destroy(): void }[] = [];
    act = () => made.push(own.adopt(simpleLender(content)));
    own.purge();
    expect(before.map(({ state }) => state)).toEqual(Array(3).fill("destroyed"));
    expect([made.map(({ state }) => state), own.stats.live]).toEqual([["guarded"], 1]);
    act = () => made.push(own.adopt(simpleLender(content)));
    expect(thrown(() => own[Symbol.dispose]()).code).toBe("ERR_LETHE_DESTROYED");
    expect([made.length, own.stats.live]).toEqual([1, 0]);
  });
});

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
    expect(all(() => lender((use) => use(make())))).toEqual(RIGHT);
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
    for (const way of Object.values(WAYS)) {
      const error = thrown(() => way(lender((use) => use(make()))));
      expect([error.code, error.message]).toEqual([
        "ERR_LETHE_LENDER",
        expect.stringMatching(/something other than a Uint8Array of its byteLength/),
      ]);
    }
  });
});

it("an async lender whose promise is a hostile one is refused, and its rejection ends no process", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  try {
    const ways: readonly (() => unknown)[] = [
      () => Promise.reject(new Error("of the lender")),
      () => Object.assign(Promise.reject(new Error("of the lender")), { catch: () => 0 }),
      () => Object.assign(Promise.reject(new Error("of the lender")), { constructor: undefined }),
      () => ({
        [THEN](_: unknown, reject: (reason: unknown) => void) {
          reject(new Error("of the lender"));
        },
      }),
      () => ({
        [THEN]() {
          throw new Error("of the lender");
        },
      }),
    ];
    for (const make of ways) {
      const bad = lender((use) => {
        use(content.slice());
        return make();
      });
      expect(thrown(() => secrets.adopt(bad)).message).toMatch(/returned a promise/);
      expect(secrets.stats.live).toBe(0);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});
