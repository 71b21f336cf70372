import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeapMemory } from "../memories/heap/heap_memory.ts";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { defer, thrown } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";
import type { Protection, Region, SecretMemory } from "./contract/memory.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { exposeAll } from "./expose_all.ts";

type ProtectAll = NonNullable<SecretMemory["protectAll"]>;

const oneByOne: ProtectAll = (regions, protection) => {
  for (const region of regions) region.protect(protection);
};
const fails = (error: Error): never => {
  throw error;
};
const REFUSED = new LetheError("ERR_LETHE_PROTECT", "on purpose");

/** What a memory's own way to protect several can be like. */
const WAYS: Readonly<Record<string, ProtectAll | undefined>> = {
  "is absent": undefined,
  works: oneByOne,
  "does nothing": () => undefined,
  "is refused": () => fails(REFUSED),
  "is refused half way": (regions, protection) => {
    oneByOne(regions.slice(0, 1), protection);
    fails(REFUSED);
  },
  "is refused after its work": (regions, protection) => {
    oneByOne(regions, protection);
    fails(REFUSED);
  },
  "throws what is not Lethe's": () => fails(new RangeError("of the adapter")),
};

/** A fake memory, and how often several of its regions were protected at once. */
class Together extends FakeMemory {
  readonly asked: [number, Protection][] = [];
  readonly protectAll?: ProtectAll;

  constructor(protectAll: ProtectAll | undefined = oneByOne) {
    super();
    if (protectAll === undefined) return;
    this.protectAll = (regions: readonly Region[], protection: Protection) => {
      this.asked.push([regions.length, protection]);
      protectAll(regions, protection);
    };
  }
}

function made(memory: SecretMemory, count: number): SecretBuffer[] {
  const secrets = openSecrets({ memory });
  return Array.from({ length: count }, (_, index) => {
    const secret = secrets.allocate(4);
    secret.modify((bytes) => bytes.fill(index + 1));
    return secret;
  });
}

const first = (views: readonly Uint8Array[]): unknown[] => views.map((view) => view[0]);
const lengths = (views: readonly Uint8Array[]): number[] => views.map((view) => view.length);

describe.each(Object.entries(WAYS))("exposeAll where protectAll %s", (_, protectAll) => {
  it("gives the views in order, and leaves all detached and closed", () => {
    const memory = new Together(protectAll);
    const [a, b, c] = made(memory, 3) as [SecretBuffer, SecretBuffer, SecretBuffer];
    const views = exposeAll([c, a, b, a], (lent) => {
      expect(first(lent)).toEqual([3, 1, 2, 1]);
      expect([a.state, b.state, c.state]).toEqual(["exposed", "exposed", "exposed"]);
      return [...lent];
    });
    expect(lengths(views)).toEqual([0, 0, 0, 0]);
    expect([a.state, b.state, c.state]).toEqual(["guarded", "guarded", "guarded"]);
    expect(memory.regions.map(({ protection }) => protection)).not.toContain("read-only");
    if (protectAll !== undefined) expect(memory.asked).toEqual([[3, "no-access"]]);
    expect(memory.violations).toEqual([]);
  });

  it("opens nothing when one of them cannot be opened", () => {
    const memory = new Together(protectAll);
    const [a, b, c] = made(memory, 3) as [SecretBuffer, SecretBuffer, SecretBuffer];
    const never = () => fails(new Error("was called"));
    b.destroy();
    expect(thrown(() => exposeAll([a, b, c], never)).code).toBe("ERR_LETHE_DESTROYED");
    c.modify(() => {
      expect(thrown(() => exposeAll([a, c], never)).code).toBe("ERR_LETHE_BUSY");
    });
    expect([a.state, c.state]).toEqual(["guarded", "guarded"]);
    expect(memory.regions.filter(({ protection }) => protection !== "no-access")).toEqual([]);
    expect(memory.violations).toEqual([]);
  });

  it("stays open until an async use settles, whether it resolves or rejects", async () => {
    for (const way of ["resolve", "reject"] as const) {
      const memory = new Together(protectAll);
      const [a, b] = made(memory, 2) as [SecretBuffer, SecretBuffer];
      const end = defer();
      const done = exposeAll([a, b], async (views) => {
        await end.promise.catch(() => undefined);
        expect(first(views)).toEqual([1, 2]);
        if (way === "reject") throw new Error("on purpose");
        return views;
      });
      expect([a.state, b.state]).toEqual(["exposed", "exposed"]);
      end.resolve();
      const views = await done.catch((error: Error) => error.message);
      expect(way === "reject" ? views : lengths(views as readonly Uint8Array[])).toEqual(
        way === "reject" ? "on purpose" : [0, 0],
      );
      expect([a.state, b.state, memory.violations]).toEqual(["guarded", "guarded", []]);
    }
  });

  it("one of them destroyed inside is wiped at once, and released when the scope ends", () => {
    const memory = new Together(protectAll);
    const [a, b, c] = made(memory, 3) as [SecretBuffer, SecretBuffer, SecretBuffer];
    exposeAll([a, b, c], (views) => {
      b.destroy();
      expect(lengths(views)).toEqual([4, 0, 4]);
    });
    expect([a.state, b.state, c.state]).toEqual(["guarded", "destroyed", "guarded"]);
    // The destroyed one is wiped once more before it closes.
    if (protectAll !== undefined) expect(memory.asked).toEqual([[2, "no-access"]]);
    expect(memory.regions.map(({ released }) => released)).toEqual([1, 0, 1, 0]);
    expect(memory.violations).toEqual([]);
  });
});

describe("exposeAll", () => {
  it("asks a memory for several regions at once from two on", () => {
    const memory = new Together();
    const [a, b] = made(memory, 2) as [SecretBuffer, SecretBuffer];
    exposeAll([a], () => undefined);
    expect(memory.asked).toEqual([]);
    exposeAll([a, b], () => undefined);
    expect(memory.asked).toEqual([[2, "no-access"]]);
  });

  it("closes the others when one can not be closed, and says so", () => {
    const memory = new FakeMemory();
    const secrets = made(memory, 3) as [SecretBuffer, SecretBuffer, SecretBuffer];
    const stuck = memory.regions[2];
    if (stuck === undefined) throw new Error("no region");
    Object.assign(stuck, { detach: () => fails(REFUSED) });
    expect(thrown(() => exposeAll(secrets, () => undefined)).code).toBe("ERR_LETHE_PROTECT");
    expect(secrets.map(({ state }) => state)).toEqual(["guarded", "exposed", "guarded"]);
    Reflect.deleteProperty(stuck, "detach");
    expect(exposeAll(secrets, first)).toEqual([1, 2, 3]);
    expect(secrets.map(({ state }) => state)).toEqual(["guarded", "guarded", "guarded"]);
  });

  it("shares the view with scopes around it and inside it", () => {
    const [a, b] = made(new Together(), 2) as [SecretBuffer, SecretBuffer];
    a.expose((outer) => {
      exposeAll([a, b], ([same, other]) => {
        expect(same).toBe(outer);
        b.expose((inner) => expect(inner).toBe(other));
        exposeAll([b, a], (views) => expect(views).toEqual([other, same]));
        expect(lengths([same, other])).toEqual([4, 4]);
      });
      expect(outer.length).toBe(4);
    });
    expect([a.state, b.state]).toEqual(["guarded", "guarded"]);
  });

  it("lends one secret as it lends several: for a use that returns, throws or settles", async () => {
    const memory = new Together();
    const [secret] = made(memory, 1) as [SecretBuffer];
    const lent: Uint8Array[] = [];
    const end = defer();
    const use = (views: readonly Uint8Array[]): void => {
      expect([first(views), secret.state]).toEqual([[1], "exposed"]);
      lent.push(...views);
    };
    exposeAll([secret], use);
    expect(() =>
      exposeAll([secret], (views) => {
        use(views);
        fails(REFUSED);
      }),
    ).toThrow(REFUSED);
    expect([lengths(lent), secret.state]).toEqual([[0, 0], "guarded"]);
    const done = exposeAll([secret], async (views) => {
      await end.promise;
      use(views);
    });
    expect(secret.state).toBe("exposed");
    end.resolve();
    await done;
    expect([lengths(lent), secret.state]).toEqual([[0, 0, 0], "guarded"]);
    expect([memory.asked, memory.violations]).toEqual([[], []]);
  });

  it("takes an empty list, and refuses what is not a list of secrets or no function", () => {
    const [a] = made(new HeapMemory(), 1) as [SecretBuffer];
    expect(exposeAll([], (views) => views.length)).toBe(0);
    for (const wrong of [a, null, "secrets", [a, null], [Object.create(a)], new Set([a])]) {
      expect(() => exposeAll(wrong as never, () => 0)).toThrow(/^Cannot expose secrets as secrets/);
    }
    expect(() => exposeAll([a], 5 as never)).toThrow(/use must be a function.*a number/);
    expect(a.state).toBe("guarded");
  });

  it("closes every scope also where an index of Array.prototype swallows what is added", () => {
    const secrets = made(new HeapMemory(), 2);
    const swallow = { configurable: true, set: () => undefined, get: () => undefined };
    for (const index of ["0", "1"]) Object.defineProperty(Array.prototype, index, swallow);
    let lengths: readonly number[];
    try {
      lengths = exposeAll(secrets, (views) => views.map(({ length }) => length));
    } finally {
      for (const index of ["0", "1"]) Reflect.deleteProperty(Array.prototype, index);
    }
    expect(lengths).toEqual([4, 4]);
    expect(secrets.map(({ state }) => state)).toEqual(["guarded", "guarded"]);
  });

  it("any mix of memories, duplicates, scopes and destroyed ones ends as nested exposes would", () => {
    const memories = fc.array(fc.constantFrom(...Object.keys(WAYS), "heap"), { minLength: 1 });
    const picks = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(memories, picks, picks, fc.boolean(), (kinds, listed, gone, throws) => {
        const fakes = new Map(kinds.map((kind) => [kind, new Together(WAYS[kind])]));
        const all = kinds.flatMap((kind) =>
          made(kind === "heap" ? new HeapMemory() : (fakes.get(kind) as FakeMemory), 2),
        );
        const chosen = listed.map((pick) => all[pick % all.length] as SecretBuffer);
        for (const pick of gone.slice(0, 1)) if (pick % 3 === 0) all[pick % all.length]?.destroy();
        const dead = chosen.some(({ state }) => state === "destroyed");
        const kept: Uint8Array[] = [];
        const outcome = thrown(() =>
          exposeAll(chosen, (views) => {
            kept.push(...views);
            expect(views.map((view) => view[0])).toEqual(
              chosen.map((secret) => (all.indexOf(secret) % 2) + 1),
            );
            for (const pick of gone.slice(1)) all[pick % all.length]?.destroy();
            if (throws) throw new Error("of the program");
            throw new Error("done");
          }),
        );
        const expected = throws ? "of the program" : "done";
        expect(dead ? outcome.code : outcome.message).toBe(dead ? "ERR_LETHE_DESTROYED" : expected);
        for (const view of kept) expect(view.length).toBe(0);
        for (const { state } of all) expect(["guarded", "destroyed"]).toContain(state);
        for (const fake of fakes.values()) {
          expect(fake.violations).toEqual([]);
          for (const { protection, live } of fake.regions) {
            expect([protection, live]).toEqual(["no-access", null]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
