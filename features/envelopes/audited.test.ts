import { afterEach, describe, expect, it, vi } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import { LetheError } from "../../core/mod.ts";
import { FAULTY } from "../../testing/features/envelopes/faulty_wrappers.ts";
import { settle } from "../../testing/features/rotation/fake_clock.ts";
import { SOAK } from "../../testing/tier.ts";
import { audited, type KeyUse, openEnvelopes, runWrapperConformance } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

const failing = (error: unknown): KeyWrapper => ({
  name: "example/key",
  version: "3",
  residue: null,
  wrap: () => Promise.reject(error),
  unwrap: () => Promise.reject(error),
});

describe("the uses of keys", () => {
  it("are told with operation, key, version, outcome and time, by envelopes and by one wrapper", async () => {
    const uses: KeyUse[] = [];
    const onUse = (use: KeyUse): void => void uses.push(use);
    const own = openEnvelopes(secrets, { onUse });
    const [identity, stranger] = [own.createIdentity(), own.createIdentity()];
    const before = Date.now();
    const one = audited(identity, { onUse });
    const envelope = await envelopes.seal(secrets.random(32), [one]);
    await envelopes.open(envelope, [one]);
    const [plain, sealed] = [await own.seal(secrets.random(3), [identity]), envelope];
    await own.open(plain, [stranger, identity]);
    await own.readdress(sealed, [identity], [identity, stranger]);
    await own.reseal(sealed, [identity], [stranger]);
    const told = uses.map(({ operation, key, outcome }) => [operation, key, outcome]);
    const [me, other] = [identity.name, stranger.name];
    expect(told).toEqual([
      ["wrap", me, "done"],
      ["unwrap", me, "done"],
      ["wrap", me, "done"],
      ["unwrap", other, "no-key"],
      ["unwrap", me, "done"],
      ["unwrap", me, "done"],
      ["wrap", me, "done"],
      ["wrap", other, "done"],
      ["unwrap", me, "done"],
      ["wrap", other, "done"],
    ]);
    for (const use of uses) {
      expect(use).toMatchObject({ version: null, code: null });
      expect(Object.isFrozen(use)).toBe(true);
      expect(use.time).toBeGreaterThanOrEqual(before);
      expect(use.time).toBeLessThanOrEqual(Date.now());
      expect(use.milliseconds).toBeGreaterThanOrEqual(0);
      expect(Object.keys(use).sort()).toEqual(FIELDS);
    }
  });

  it("name the code of an error, and no word of it", async () => {
    for (const [error, code] of [
      [new LetheError("ERR_LETHE_WRAPPER", "a bad day"), "ERR_LETHE_WRAPPER"],
      [Object.assign(new Error("no"), { code: "ACCESS_DENIED" }), "ACCESS_DENIED"],
      [Object.assign(new Error("no"), { code: "the key is 4711" }), null],
      [Object.assign(new Error("no"), { code: 4711 }), null],
      [new TypeError("no"), null],
      [undefined, null],
    ] as const) {
      const uses: KeyUse[] = [];
      const one = audited(failing(error), { onUse: (use) => void uses.push(use) });
      const own = openEnvelopes(secrets, { onUse: (use) => void uses.push(use) });
      const calls = [
        () => one.unwrap([], () => secrets.random(16)),
        () => one.wrap(secrets.random(16)),
        () => own.seal(secrets.random(3), [failing(error)]),
      ];
      for (const call of calls) {
        const ending = await Promise.resolve(call()).then(
          () => "none",
          (reason: unknown) => [reason],
        );
        expect(ending).toEqual([error]);
      }
      expect(uses).toHaveLength(3);
      for (const use of uses) {
        expect(use).toMatchObject({ key: "example/key", version: "3", outcome: "failed", code });
      }
    }
  });

  it("carry no line break and no control character of a wrapper, and are no longer than a line", async () => {
    const uses: KeyUse[] = [];
    const names: unknown[] = ["a\nlevel=info \u001b[2J\u202e", "b".repeat(5000), 5, undefined];
    for (const name of names) {
      const wrapper = { ...failing(new Error("no")), name, version: name } as KeyWrapper;
      const one = audited(wrapper, { onUse: (use) => void uses.push(use) });
      await Promise.resolve(one.wrap(secrets.random(16))).catch(() => undefined);
    }
    const throwing = Object.defineProperty(failing(new Error("no")), "name", {
      get() {
        throw new Error("no");
      },
    });
    const one = audited(throwing, { onUse: (use) => void uses.push(use) });
    await Promise.resolve(one.wrap(secrets.random(16))).catch(() => undefined);
    expect(uses.map(({ key }) => key)).toEqual([
      "a?level=info ?[2J?",
      "b".repeat(200),
      "?",
      "?",
      "?",
    ]);
    expect(uses.map(({ version }) => version)).toEqual([
      "a?level=info ?[2J?",
      "b".repeat(200),
      null,
      null,
      "3",
    ]);
  });

  it("change nothing where the listener throws, or its promise rejects: one line is logged", async () => {
    const warned: string[] = [];
    const warn = vi.spyOn(console, "warn").mockImplementation((line) => void warned.push(line));
    const identity = envelopes.createIdentity();
    const broken: readonly (() => void)[] = [
      () => {
        throw new Error("the disk of the log is full: 4711");
      },
      async () => {
        throw new Error("the disk of the log is full: 4711");
      },
    ];
    for (const onUse of broken) {
      const own = openEnvelopes(secrets, { onUse });
      const one = audited(identity, { onUse });
      const envelope = await own.seal(secrets.random(32), [one]);
      expect((await own.open(envelope, [one])).byteLength).toBe(32);
    }
    await settle();
    warn.mockRestore();
    expect(warned).toHaveLength(8);
    expect(new Set(warned)).toEqual(
      new Set(["wrap", "unwrap"].map((how) => `A listener to the uses of keys threw for ${how}`)),
    );
  });

  it("come before the result does, and hold neither it nor a stanza", async () => {
    const order: unknown[] = [];
    const identity = envelopes.createIdentity();
    const one = audited(identity, { onUse: (use) => void order.push(use.operation) });
    const fileKey = secrets.random(16);
    const stanzas = await one.wrap(fileKey);
    order.push("stanzas");
    await one.unwrap(stanzas, (length, fill) => secrets.land(length, fill));
    order.push("key");
    expect(order).toEqual(["wrap", "stanzas", "unwrap", "key"]);
  });
});

const FIELDS = ["code", "key", "milliseconds", "operation", "outcome", "time", "version"];

describe("an audited wrapper", () => {
  const onUse = (): void => undefined;

  it("keeps the rules of wrappers, and hides no fault", async () => {
    const [wrapper, other] = [envelopes.createIdentity(), envelopes.createIdentity()];
    const subject = { secrets, wrapper: audited(wrapper, { onUse }), other };
    expect(await runWrapperConformance(subject)).toEqual([]);
    for (const [rule, , make] of SOAK ? FAULTY : FAULTY.slice(-2)) {
      const faulty = audited(make(envelopes.createIdentity(), secrets), { onUse });
      const faults = await runWrapperConformance({ secrets, wrapper: faulty, other });
      expect(faults.map((fault) => fault.rule)).toContain(rule);
    }
  });

  it("says what the wrapper says, and is alone where it is", () => {
    const phrase = envelopes.usePassphrase(secrets.random(8));
    const own = audited(phrase, { onUse });
    expect(own).toMatchObject({ name: phrase.name, version: null, residue: phrase.residue });
    expect([own.alone, audited(failing(null), { onUse }).alone]).toEqual([true, false]);
    expect(audited(failing(null), { onUse })).toMatchObject({ name: "example/key", version: "3" });
  });

  it("takes a wrapper and a listener, and nothing else", () => {
    const make = audited as (...values: unknown[]) => unknown;
    const identity = envelopes.createIdentity();
    const inherited = Object.create({ onUse });
    for (const options of [undefined, {}, { onUse: "log" }, { onUse, more: 1 }, inherited, onUse]) {
      expect(() => make(identity, options)).toThrow(TypeError);
    }
    for (const wrapper of [undefined, {}, { wrap: onUse }, { unwrap: onUse }]) {
      expect(() => make(wrapper, { onUse })).toThrow(/must have wrap\(\) and unwrap\(\)/);
    }
    expect(() => openEnvelopes(secrets, { onUse: "log" as never })).toThrow(
      /onUse must be a function: current value is a string/,
    );
  });
});
