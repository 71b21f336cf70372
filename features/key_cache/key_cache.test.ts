import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { KeyWrapper, Stanza } from "../../core/contract/key_wrapper.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { sample, thrown } from "../../testing/core/samples.ts";
import { FAULTY } from "../../testing/features/envelopes/faulty_wrappers.ts";
import { CacheStage, stanzaOf } from "../../testing/features/key_cache/cache_world.ts";
import { settle } from "../../testing/features/rotation/fake_clock.ts";
import { SOAK } from "../../testing/tier.ts";
import { doubled, openEnvelopes, runWrapperConformance } from "../envelopes/mod.ts";
import { digestOf } from "./digest.ts";
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
    const endings: string[] = [];
    for (let waits = 0; waits < 300 && !/purged,none$/.test(endings.join()); waits++) {
      const own = openSecrets({ memory: "heap" });
      const cache = cached(own, slow, { ...LIMITS, uses: 2 });
      const openAll = async (): Promise<void> => {
        for (let count = 0; count < 3; count++) await openEnvelopes(own).open(envelope, [cache]);
      };
      const ending = openAll().then(
        () => "none",
        ({ code, message }) => `${code} ${message.replace(/^.*: /, "")}`,
      );
      for (let wait = 0; wait < waits; wait++) await null;
      own.purge();
      endings.push(await ending);
      cache.close();
      own[Symbol.dispose]();
    }
    expect(new Set(endings)).toEqual(
      new Set(["ERR_LETHE_DESTROYED its secrets were purged", "none"]),
    );
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
});

describe("a wrapper in a cache", () => {
  const flip = async (bytes: Uint8Array): Promise<Uint8Array> => bytes.map((byte) => byte ^ 255);
  const service = { name: "example/key", version: "1", encrypt: flip, decrypt: flip };
  const kinds: Readonly<Record<string, () => KeyWrapper>> = {
    X25519: () => envelopes.createIdentity(),
    ...(SOAK
      ? {
          scrypt: () => envelopes.usePassphrase(secrets.random(10), { logWork: 1 }),
          "X25519 behind a service": () => doubled(envelopes.createIdentity(), service),
          "a cache": () => cached(secrets, envelopes.createIdentity(), LIMITS),
        }
      : {}),
  };

  it.each(Object.entries(kinds))("keeps the rules of wrappers: %s", async (_name, make) => {
    for (const uses of [1, 100]) {
      const limits = { ...LIMITS, uses };
      const wrapper = cached(secrets, make(), limits);
      const other = cached(secrets, make(), limits);
      expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
    }
  });

  const hidden = ["WRAP-5 makes the key elsewhere"];
  it.each(SOAK ? FAULTY : FAULTY.slice(-5))(
    "does not hide that it breaks %s: %s",
    async (rule, how, make) => {
      const inner = make(envelopes.createIdentity(), secrets);
      const wrapper = cached(secrets, inner, LIMITS);
      const other = envelopes.createIdentity();
      const faults = await runWrapperConformance({ secrets, wrapper, other });
      const found = faults.map((fault) => fault.rule);
      // A key from elsewhere is refused, and so nothing opens.
      expect(found).toContain(hidden.includes(`${rule} ${how}`) ? "WRAP-1" : rule);
    },
  );

  it("shows what it is, wraps as it does, and is alone where it is", async () => {
    const phrase = envelopes.usePassphrase(secrets.random(10), { logWork: 1 });
    const alone = cached(secrets, phrase, LIMITS);
    const identity = cached(secrets, envelopes.createIdentity(), LIMITS);
    expect([alone.alone, identity.alone]).toEqual([true, false]);
    const sealing = envelopes.seal(secrets.random(3), [alone, identity]);
    await expect(sealing).rejects.toThrow(/passphrase and to other recipients/);
    const inner = { ...service, name: "n", version: "9", residue: "some" } as unknown as KeyWrapper;
    const wrapper = cached(secrets, { ...inner, wrap: () => [], unwrap: () => null }, LIMITS);
    expect(wrapper).toMatchObject({ name: "n", version: "9", residue: "some" });
    const fileKey = secrets.random(16);
    const [first] = await identity.wrap(fileKey);
    const [second] = await identity.wrap(fileKey);
    expect(first?.body).not.toEqual(second?.body);
  });

  it("opens envelopes with one question, and none for one that was altered or is not for it", async () => {
    const identity = envelopes.createIdentity();
    let asked = 0;
    const counting: KeyWrapper = {
      name: "counting",
      version: null,
      residue: null,
      wrap: (fileKey) => identity.wrap(fileKey),
      unwrap(stanzas, land) {
        asked += 1;
        return identity.unwrap(stanzas, land);
      },
    };
    const cache = cached(secrets, counting, { ...LIMITS, maxAge: 60_000 });
    const envelope = await envelopes.seal(sample(32), [cache]);
    const openings = Array.from({ length: 16 }, () => envelopes.open(envelope, [cache]));
    for (const secret of await Promise.all(openings)) {
      expect(secret.equals(sample(32))).toBe(true);
      secret.destroy();
    }
    expect(asked).toBe(1);
    const altered = envelope.slice();
    altered[altered.length - 1] = (altered[altered.length - 1] as number) ^ 1;
    for (const [bytes, code] of [
      [altered, "ERR_LETHE_FORGED"],
      [await envelopes.seal(sample(3), [envelopes.createIdentity()]), "ERR_LETHE_ENVELOPE_ADDRESS"],
    ] as const) {
      await expect(envelopes.open(bytes, [cache])).rejects.toMatchObject({ code });
    }
    const moved = await envelopes.readdress(envelope, [cache], [cache, envelopes.createIdentity()]);
    (await envelopes.open(moved, [cache])).destroy();
    expect(asked).toBe(3);
    cache.close();
  });

  it("gives what it is asked for: a file key that land() made, or null", async () => {
    const made: SecretBuffer[] = [];
    for (const unwrap of [
      () => undefined,
      () => new Uint8Array(16),
      (_: unknown, land: (length: number, fill: () => void) => SecretBuffer) =>
        land(15, () => undefined),
      () => {
        made.push(secrets.random(16));
        return made[0];
      },
    ]) {
      const inner = { name: "n", version: null, residue: null, wrap: () => [], unwrap };
      const cache = cached(secrets, inner as unknown as KeyWrapper, LIMITS);
      await expect(
        cache.unwrap([stanzaOf(1)], (length, fill) => secrets.land(length, fill)),
      ).rejects.toThrow(/must give null or a secret of 16 bytes/);
      expect(secrets.stats).toMatchObject({ live: 0, sealed: 0 });
    }
    expect(made[0]?.state).toBe("destroyed");
    const cache = cached(secrets, envelopes.createIdentity(), LIMITS);
    for (const stanzas of [
      null,
      [null],
      [{ args: [], body: new Uint8Array(1) }],
      [{ args: [5] }],
    ]) {
      const call = cache.unwrap(stanzas as never, (length, fill) => secrets.land(length, fill));
      await expect(call).rejects.toThrow(TypeError);
    }
  });
});
