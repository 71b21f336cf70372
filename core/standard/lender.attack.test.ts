import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HeapMemory, openSecrets } from "../../memories/heap/mod.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import {
  LenderScene,
  lender,
  type Take,
  THEN,
} from "../../testing/core/standard/hostile_lenders.ts";
import { simpleLender } from "../../testing/core/standard/lenders.ts";
import { SOAK } from "../../testing/tier.ts";
import { equalBytes } from "../bytes.ts";

const content = sample(20);
let scene = new LenderScene();
beforeEach(() => {
  scene = new LenderScene();
});
afterEach(() => scene.end());

describe("a lender that lends when it may not", () => {
  it("in the getter of what it returns, once its scope is over", () => {
    const late = lender((use) => ({
      get [THEN]() {
        use(content.slice());
        return undefined;
      },
    }));
    const error = thrown(() => scene.secrets.adopt(late));
    expect([error.code, error.message]).toEqual([
      "ERR_LETHE_LENDER",
      expect.stringMatching(/returned a promise/),
    ]);
    expect(scene.secrets.stats.live).toBe(0);
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
        scene.secrets.adopt(lender((use) => down(depth, () => use(content)))).destroy();
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
      expect([depth, scene.secrets.stats.live, scene.memory.last.protection]).toEqual([
        depth,
        0,
        "no-access",
      ]);
    }
  });
});

describe("a lender that reaches for the secret it is compared with", () => {
  it("finds its pages closed while its own code runs", () => {
    const secret = scene.secrets.move(sample(20));
    const seen: unknown[] = [];
    const watching = lender((use) => {
      seen.push(scene.memory.last.protection, secret.state);
      const outcome = use(content.slice());
      seen.push(scene.memory.last.protection, secret.state);
      return outcome;
    });
    expect(secret.equals(watching)).toBe(true);
    expect(seen).toEqual(["no-access", "guarded", "no-access", "guarded"]);
  });

  it("and destroys it gets the error of a destroyed secret", () => {
    const secret = scene.secrets.move(sample(20));
    const ending = lender((use) => {
      secret.destroy();
      return use(content.slice());
    });
    expect(thrown(() => secret.equals(ending)).code).toBe("ERR_LETHE_DESTROYED");
  });

  it("and changes, clones or compares it does so outside of the comparison", () => {
    const secret = scene.secrets.move(sample(20));
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
      scene.secrets.purge();
      return use(content.slice());
    });
    expect([...read(scene.secrets.adopt(purging))]).toEqual([...content]);
    const others = openSecrets({ memory: scene.memory });
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
      scene.secrets.purge();
    });
    expect(scene.secrets.adopt(purging).state).toBe("destroyed");
    expect(scene.secrets.stats.live).toBe(0);
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
      expect(thrown(() => scene.secrets.adopt(bad)).message).toMatch(/returned a promise/);
      expect(scene.secrets.stats.live).toBe(0);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(unhandled).toEqual([]);
  } finally {
    process.off("unhandledRejection", note);
  }
});
