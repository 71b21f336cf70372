import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { sample } from "../../testing/core/samples.ts";
import { FAULTY } from "../../testing/features/envelopes/faulty_wrappers.ts";
import { stanzaOf } from "../../testing/features/key_cache/cache_world.ts";
import { SOAK } from "../../testing/tier.ts";
import { doubled, openEnvelopes, runWrapperConformance } from "../envelopes/mod.ts";
import { cached } from "./mod.ts";
import type { CacheLimits } from "./types.ts";

const LIMITS: CacheLimits = { maxAge: 1000, uses: 100, entries: 10 };
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

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
