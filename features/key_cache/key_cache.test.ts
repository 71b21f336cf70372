import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Clock } from "../../core/clock.ts";
import type { KeyWrapper, Land } from "../../core/contract/key_wrapper.ts";
import { endingsOfPurges, PURGED_OR_DONE } from "../../testing/core/purges.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { CacheStage, stanzaOf } from "../../testing/features/key_cache/cache_world.ts";
import { FakeClock, settle } from "../../testing/features/rotation/fake_clock.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { cached } from "./mod.ts";
import type { CacheLimits } from "./types.ts";

const LIMITS: CacheLimits = { maxAge: 1000, uses: 100, entries: 10 };
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

describe("the limits of a cache", () => {
  it("CACHE-1: a key is given until it is maxAge old, counted from the question", async () => {
    for (const [waiting, age, asked] of [
      [0, 999, 1],
      [0, 1000, 2],
      [400, 599, 1],
      [400, 600, 2],
      [1000, 0, 2],
    ] as const) {
      const stage = new CacheStage(LIMITS);
      stage.ask([stanzaOf(1)]);
      await stage.advance(waiting);
      stage.inner.pending.pop()?.answer();
      await settle();
      expect(stage.endings).toEqual([0]);
      await stage.advance(age);
      expect(await stage.open(1)).toBe(asked - 1);
      expect(stage.inner.asked).toBe(asked);
      stage.end();
    }
  });

  it("CACHE-1: a clock that is set back prolongs nothing, and a sleep of the machine counts", async () => {
    for (const [jump, age, asked] of [
      [-10_000_000, 999, 1],
      [-10_000_000, 1000, 2],
      [999, 0, 1],
      [1000, 0, 2],
    ] as const) {
      const stage = new CacheStage(LIMITS);
      await stage.open(1);
      stage.clock.jump(jump);
      await stage.advance(age);
      await stage.open(1);
      expect(stage.inner.asked).toBe(asked);
      stage.end();
    }
  });

  it("CACHE-2: an answer is given uses times, also to those who have no room for it", async () => {
    for (const uses of [1, 2, 5]) {
      const stage = new CacheStage({ ...LIMITS, uses });
      for (let count = 0; count < uses; count++) expect(await stage.open(1)).toBe(0);
      expect(stage.secrets.stats.sealed).toBe(0);
      expect(await stage.open(1)).toBe(1);
      stage.end();
    }
    const stage = new CacheStage({ ...LIMITS, uses: 2 });
    const refuse = (): never => {
      throw new Error("no room");
    };
    for (const land of [refuse, stage.land]) stage.ask([stanzaOf(1)], land);
    stage.inner.pending.pop()?.answer();
    await settle();
    expect(stage.endings).toEqual(["no room", 0]);
    expect(await stage.open(1)).toBe(1);
    stage.end();
  });

  it("CACHE-2: a use is counted before the key is given", async () => {
    const stage = new CacheStage({ ...LIMITS, uses: 2 });
    await stage.open(1);
    // Whoever gets the last use asks again while it is given.
    stage.ask([stanzaOf(1)], (length, fill) => {
      stage.ask([stanzaOf(1)]);
      return stage.land(length, fill);
    });
    await settle();
    expect(stage.inner.asked).toBe(2);
    stage.inner.pending.pop()?.answer();
    await settle();
    expect(stage.endings).toEqual([0, 0, 1]);
    stage.end();
  });

  it("CACHE-3: the key that was used least recently goes", async () => {
    const stage = new CacheStage({ ...LIMITS, entries: 2 });
    for (const [name, ending, sealed] of [
      [1, 0, 1],
      [2, 1, 2],
      [1, 0, 2],
      [3, 2, 2], // 2 goes
      [1, 0, 2],
      [2, 3, 2], // 3 goes
      [1, 0, 2],
      [3, 4, 2],
    ] as const) {
      expect(await stage.open(name)).toBe(ending);
      expect(stage.secrets.stats.sealed).toBe(sealed);
    }
    stage.end();
  });

  it("CACHE-5: a key is destroyed when it is too old, and nobody has to ask", async () => {
    const stage = new CacheStage(LIMITS);
    stage.ask([stanzaOf(1)]);
    await stage.advance(300);
    stage.ask([stanzaOf(2)]);
    for (const question of [1, 0]) {
      stage.inner.pending[question]?.answer(); // the one that was asked first comes last
      await settle();
    }
    await stage.advance(699);
    expect(stage.secrets.stats.sealed).toBe(2);
    await stage.advance(1);
    expect(stage.secrets.stats.sealed).toBe(1);
    await stage.advance(299);
    expect(stage.secrets.stats.sealed).toBe(1);
    await stage.advance(1);
    expect(stage.secrets.stats.sealed).toBe(0);
    expect(stage.clock.timers).toBe(0);
    stage.end();
  });

  it("CACHE-5: are kept by a timer that keeps no process alive", async () => {
    const stage = new CacheStage(LIMITS);
    const { clock } = stage;
    const held: boolean[] = [];
    const later: Clock["later"] = (task, milliseconds, holds) => {
      held.push(holds);
      return FakeClock.prototype.later.call(clock, task, milliseconds);
    };
    Object.assign(clock, { later });
    await stage.open(1);
    expect(held).toEqual([false]);
    stage.end();
  });

  it("are all there, or there is no cache", () => {
    const make = cached as (...values: unknown[]) => unknown;
    const identity = envelopes.createIdentity();
    for (const name of ["maxAge", "uses", "entries"] as const) {
      for (const limits of [
        { ...LIMITS, [name]: undefined },
        Object.fromEntries(Object.entries(LIMITS).filter(([other]) => other !== name)),
        Object.assign(Object.create({ [name]: 5 }), { ...LIMITS, [name]: undefined }),
      ]) {
        expect(() => make(secrets, identity, limits)).toThrow(TypeError);
      }
      expect(() => make(secrets, identity, { ...LIMITS, [name]: "5" })).toThrow(TypeError);
      for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => make(secrets, identity, { ...LIMITS, [name]: wrong })).toThrow(RangeError);
      }
    }
    for (const over of [{ maxAge: 86_400_001 }, { uses: 2 ** 32 + 1 }, { entries: 100_001 }]) {
      expect(() => make(secrets, identity, { ...LIMITS, ...over })).toThrow(RangeError);
    }
    for (const limits of [undefined, null, 5, [], { ...LIMITS, age: 5 }]) {
      expect(() => make(secrets, identity, limits)).toThrow(TypeError);
    }
    expect(thrown(() => make(secrets, identity, { maxAge: 5 })).message).toMatch(
      /no uses, entries$/,
    );
    expect(() => make({}, identity, LIMITS)).toThrow(/secrets must come from openSecrets/);
    expect(() => make(secrets, { wrap: () => [] }, LIMITS)).toThrow(
      /must have wrap\(\) and unwrap\(\)/,
    );
    make(secrets, identity, { maxAge: 86_400_000, uses: 2 ** 32, entries: 100_000 });
  });
});

describe("the end of a cache", () => {
  it("CACHE-5: a purge empties it, is never misuse, and it goes on", async () => {
    const stage = new CacheStage(LIMITS);
    await stage.open(1);
    stage.secrets.purge();
    expect(await stage.open(1)).toBe(1);
    expect(await stage.open(1)).toBe(1);
    stage.end();
  });

  it("CACHE-5: a purge while a caller makes room for the key is never misuse", async () => {
    const stage = new CacheStage(LIMITS);
    for (let round = 0; round < 2; round++) {
      const call = stage.cache.unwrap([stanzaOf(1)], (length, fill) => {
        stage.secrets.purge();
        return stage.land(length, fill);
      });
      stage.inner.pending.pop()?.answer();
      await expect(call).rejects.toThrow(/^Cannot cache file keys: its secrets were purged$/);
      expect(stage.secrets.stats).toMatchObject({ live: 0, sealed: 0 });
      expect(await stage.open(1)).toBe(round + 1);
    }
    stage.end();
  });

  it("CACHE-5: a purge at any wait is never misuse", async () => {
    const identity = envelopes.createIdentity();
    const slow: KeyWrapper = {
      name: "slow",
      version: null,
      residue: null,
      wrap: async (fileKey) => identity.wrap(fileKey),
      unwrap: async (stanzas, land) => identity.unwrap(stanzas, land),
    };
    const envelope = await envelopes.seal(sample(32), [slow]);
    const endings = await endingsOfPurges(async () => async (own) => {
      using cache = cached(own, slow, { ...LIMITS, uses: 2 });
      for (let count = 0; count < 3; count++) await openEnvelopes(own).open(envelope, [cache]);
    });
    expect(endings).toEqual(PURGED_OR_DONE);
  });

  it("CACHE-5: close() destroys what is kept, and ends those who wait", async () => {
    const stage = new CacheStage(LIMITS);
    await stage.open(1);
    const waiting = [stage.ask([stanzaOf(2)]), stage.ask([stanzaOf(2)])];
    expect(stage.secrets.stats.sealed).toBe(1);
    stage.cache.close();
    expect(stage.secrets.stats).toMatchObject({ live: 0, sealed: 0 });
    expect(stage.clock.timers).toBe(0);
    await settle();
    for (const call of waiting) expect(stage.endings[call]).toBe("ERR_LETHE_DESTROYED");
    stage.inner.pending.pop()?.answer();
    await settle();
    expect(stage.secrets.stats).toMatchObject({ live: 0, sealed: 0 });
    await expect(stage.cache.unwrap([stanzaOf(1)], stage.land)).rejects.toThrow(/was closed/);
    expect(() => stage.cache.wrap(stage.secrets.random(16))).toThrow(/was closed/);
    stage.cache.close();
    stage.cache[Symbol.dispose]();
    expect(String(stage.cache)).toBe("[CachedWrapper by hand]");
    stage.secrets.purge();
  });

  it("CACHE-5: close() while a caller makes room gives nobody a key, neither the last use nor who waits", async () => {
    const stage = new CacheStage({ ...LIMITS, uses: 2 });
    await stage.open(1);
    const closing: Land = (length, fill) => {
      stage.cache.close();
      return stage.land(length, fill);
    };
    await expect(stage.cache.unwrap([stanzaOf(1)], closing)).rejects.toThrow(/was closed$/);
    expect(stage.secrets.stats).toMatchObject({ live: 0, sealed: 0 });
    const other = new CacheStage(LIMITS);
    const calls = [
      other.cache.unwrap([stanzaOf(1)], (length, fill) => {
        other.cache.close();
        return other.land(length, fill);
      }),
      other.cache.unwrap([stanzaOf(1)], other.land),
    ];
    other.inner.pending.pop()?.answer();
    for (const call of calls) await expect(call).rejects.toThrow(/was closed$/);
    expect(other.secrets.stats).toMatchObject({ live: 0, sealed: 0 });
  });
});
