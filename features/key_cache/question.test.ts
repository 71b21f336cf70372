import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { CacheStage, stanzaOf } from "../../testing/features/key_cache/cache_world.ts";
import { settle } from "../../testing/features/rotation/fake_clock.ts";
import { SOAK } from "../../testing/tier.ts";
import { digestOf } from "./digest.ts";
import type { CacheLimits } from "./types.ts";

const LIMITS: CacheLimits = { maxAge: 1000, uses: 100, entries: 10 };
const secrets = openSecrets({ memory: "heap" });
afterEach(() => secrets.purge());

describe("a question of a cache", () => {
  it("CACHE-4: is one for sixteen callers at once, as far as uses go", async () => {
    for (const [uses, asked] of [
      [100, 1],
      [16, 1],
      [15, 2],
      [4, 4],
      [1, 16],
    ] as const) {
      const stage = new CacheStage({ ...LIMITS, uses });
      for (let count = 0; count < 16; count++) stage.ask([stanzaOf(1)]);
      expect(stage.inner.asked).toBe(asked);
      for (const each of stage.inner.pending.splice(0)) each.answer();
      await settle();
      for (let question = 0; question < asked; question++) {
        const count = stage.endings.filter((ending) => ending === question).length;
        expect(count).toBeLessThanOrEqual(uses);
      }
      expect(stage.endings.every((ending) => typeof ending === "number")).toBe(true);
      stage.end();
    }
  });

  it("CACHE-4: that is stuck holds up nobody who comes later", async () => {
    const stage = new CacheStage({ ...LIMITS, maxAge: 60_000 });
    for (const [wait, asked] of [
      [0, 1],
      [9_999, 1],
      [1, 2],
    ] as const) {
      await stage.advance(wait);
      stage.ask([stanzaOf(1)]);
      expect(stage.inner.asked).toBe(asked);
    }
    const short = new CacheStage(LIMITS);
    for (const [wait, asked] of [
      [0, 1],
      [999, 1],
      [1, 2],
    ] as const) {
      await short.advance(wait);
      short.ask([stanzaOf(1)]);
      expect(short.inner.asked).toBe(asked);
    }
    stage.inner.pending[0]?.fail();
    await settle();
    stage.ask([stanzaOf(1)]); // joins the later question
    stage.inner.pending[1]?.answer();
    await settle();
    expect(stage.endings).toEqual(["out of reach", "out of reach", 1, 1]);
    stage.end();
  });

  it("CACHE-6: that fails, or finds nothing, is asked again by who comes next", async () => {
    const stage = new CacheStage(LIMITS);
    for (const how of ["fail", "refuse"] as const) {
      const call = stage.ask([stanzaOf(1)]);
      stage.inner.pending.pop()?.[how]();
      await settle();
      expect(stage.endings[call]).toBe(how === "fail" ? "out of reach" : "none");
    }
    expect(await stage.open(1)).toBe(2);
    expect(await stage.open(1)).toBe(2);
    stage.end();
  });

  it("CACHE-1: is for what the stanzas were when they were given", async () => {
    const stage = new CacheStage(LIMITS);
    const args: [string, string] = ["test", "1"];
    const given: Stanza[] = [{ args, body: new Uint8Array(new ArrayBuffer(32)).fill(1) }];
    stage.ask(given);
    const [{ stanzas } = { stanzas: [] }] = stage.inner.pending;
    args[1] = "2";
    given[0]?.body.fill(2);
    given.push(stanzaOf(3));
    expect(stanzas).toEqual([stanzaOf(1)]);
    stage.inner.pending.pop()?.answer();
    await settle();
    expect(await stage.open(2)).toBe(1);
    expect(await stage.open(1)).toBe(0);
    stage.end();
  });

  it("CACHE-1: has a digest that no other list of stanzas has", () => {
    const { engine } = enginesOfSecrets(secrets).choose({
      verb: "test",
      operations: ["hmac-sha256"],
    });
    const text = fc.string({ maxLength: 3, unit: fc.constantFrom("a", "b", "\u0161", "\u0000") });
    const stanza = fc.record({
      args: fc.array(text, { minLength: 1, maxLength: 3 }),
      body: fc.uint8Array({ maxLength: 3, max: 2 }),
    });
    const lists = fc.array(stanza, { maxLength: 3 }) as unknown as fc.Arbitrary<Stanza[]>;
    const form = (list: readonly Stanza[]): string =>
      JSON.stringify(list.map(({ args, body }) => [args, [...body]]));
    const known = new Map<string, string>();
    const property = fc.property(lists, (list) => {
      const digest = digestOf(engine, list);
      expect(digest).toHaveLength(43);
      expect(known.get(digest) ?? form(list)).toBe(form(list));
      known.set(digest, form(list));
    });
    fc.assert(property, { numRuns: SOAK ? 20_000 : 500 });
    // What runs together where lengths are left out.
    const [a, b, none] = [[97], [98], []].map((bytes) => Uint8Array.from(bytes));
    const close: unknown[][] = [
      [{ args: ["a", "b"], body: none }],
      [{ args: ["ab"], body: none }],
      [{ args: ["a"], body: b }],
      [
        { args: ["a"], body: none },
        { args: ["b"], body: none },
      ],
      [
        { args: ["b"], body: none },
        { args: ["a"], body: none },
      ],
      [{ args: ["a"], body: a }],
      [{ args: ["a"], body: Uint8Array.of(0, 97) }],
      [{ args: ["\u6100"], body: none }],
    ];
    const [x, b2] = ["x", "b"].map((text) => Uint8Array.of(0, text.charCodeAt(0)));
    // The encoding of a stanza of one argument, as far as its body.
    const head = (text: string): Uint8Array =>
      Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 2, 0, text.charCodeAt(0));
    close.push(
      [
        { args: ["a"], body: x },
        { args: ["b", "x"], body: none },
      ],
      [
        { args: ["a", "x"], body: b2 },
        { args: ["x"], body: none },
      ],
      [
        { args: ["a"], body: none },
        { args: ["b"], body: head("c") },
      ],
      [
        { args: ["a"], body: head("b") },
        { args: ["c"], body: none },
      ],
    );
    const digests = close.map((list) => digestOf(engine, list as Stanza[]));
    expect(new Set(digests).size).toBe(close.length);
  });

  it.skipIf(!SOAK)("CACHE-1: is asked for a stanza of more arguments than a call takes", () => {
    const { engine } = enginesOfSecrets(secrets).choose({
      verb: "test",
      operations: ["hmac-sha256"],
    });
    const args = ["x", ...Array.from({ length: 150_000 }, () => "a")] as [string, ...string[]];
    expect(digestOf(engine, [{ args, body: new Uint8Array(0) }])).toHaveLength(43);
  });
});
