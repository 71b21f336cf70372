import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { sample, thrown } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";
import { guarantees, notGiven } from "./contract/guarantees.ts";
import { assertNoSecrets } from "./registry.ts";

describe("stats", () => {
  it("count live secrets, their bytes and every scope that opened, and nothing else", () => {
    const secrets = openSecrets();
    expect(secrets.stats).toEqual({
      live: 0,
      sealed: 0,
      bytes: 0,
      lockedBytes: 0,
      exposes: 0,
      collected: 0,
    });
    const [one, other] = [secrets.allocate(8), secrets.allocate(24)];
    one.expose(() => one.expose(() => undefined));
    other.modify(() => undefined);
    thrown(() => other.modify(() => other.expose(() => undefined)));
    expect(secrets.stats).toEqual({
      live: 2,
      sealed: 0,
      bytes: 32,
      lockedBytes: 0,
      exposes: 4,
      collected: 0,
    });
    one.destroy();
    one.destroy();
    expect([secrets.stats.live, secrets.stats.bytes]).toEqual([1, 24]);
    other.destroy();
    expect([secrets.stats.live, secrets.stats.bytes, Object.isFrozen(secrets.stats)]).toEqual([
      0,
      0,
      true,
    ]);
  });

  it("count as locked only what the region itself says is locked", () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    const locked = secrets.allocate(8);
    const allocate = memory.allocate.bind(memory);
    memory.allocate = (byteLength) => {
      const region = allocate(byteLength);
      const weaker = guarantees({ ...region.guarantees, locked: notGiven("RLIMIT_MEMLOCK is 0") });
      return Object.assign(region, { guarantees: weaker });
    };
    const unlocked = secrets.allocate(16);
    expect([secrets.stats.bytes, secrets.stats.lockedBytes]).toEqual([24, 8]);
    expect([locked, unlocked].map((secret) => secret.guarantees.locked.level)).toEqual([
      "enforced",
      "none",
    ]);
    secrets.purge();
  });
});

describe("purge", () => {
  it("destroys every live secret, frozen, exposed or at rest, and leaves other Secrets alone", () => {
    const [own, others] = [openSecrets(), openSecrets()];
    const kept = others.random(8);
    const held = [own.random(8), own.random(8).freeze(), own.random(8)];
    held[2]?.expose(() => own.purge());
    expect(held.map(({ state }) => state)).toEqual(Array(3).fill("destroyed"));
    expect([own.stats.live, kept.state]).toEqual([0, "guarded"]);
    own.purge();
    expect(own.random(8).state).toBe("guarded");
    for (const secrets of [own, others]) secrets.purge();
  });

  it("tries all, raises the first failure, and tries the failed ones again", () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    const held = [1, 2, 3].map((seed) => secrets.move(sample(8, seed)));
    memory.arm({ at: 1, when: "before", error: new LetheError("ERR_LETHE_WIPE", "first failed") });
    expect(thrown(() => secrets.purge()).message).toBe("first failed");
    expect(held.map(({ state }) => state)).toEqual(["guarded", "destroyed", "destroyed"]);
    expect([secrets.stats.live, secrets.stats.bytes]).toEqual([1, 8]);
    secrets.purge();
    expect([held[0]?.state, secrets.stats.live, memory.violations]).toEqual(["destroyed", 0, []]);
  });

  it("dispose purges, and still refuses new secrets when the purge fails", () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    const secret = secrets.random(8);
    memory.arm({ at: 0, when: "before", error: new LetheError("ERR_LETHE_PROTECT", "no") });
    expect(thrown(() => secrets[Symbol.dispose]()).code).toBe("ERR_LETHE_PROTECT");
    expect(thrown(() => secrets.random(8)).code).toBe("ERR_LETHE_DESTROYED");
    secrets[Symbol.dispose]();
    expect(secret.state).toBe("destroyed");
  });
});

describe("assertNoSecrets", () => {
  it("passes when nothing is live, and names what is, with the place when it is tracked", () => {
    assertNoSecrets();
    const [plain, tracked] = [openSecrets(), openSecrets({ trackLeaks: true })];
    const one = plain.allocate(8);
    expect(thrown(assertNoSecrets).message).toMatch(/^1 secret is still live.*\n {2}8 bytes$/);
    const other = tracked.move(sample(24));
    const { code, message } = thrown(assertNoSecrets);
    expect(code).toBe("ERR_LETHE_LEAK");
    expect(message).toMatch(/^2 secrets are still live.*:\n {2}8 bytes\n {2}24 bytes, created\n/);
    expect(message).toMatch(/24 bytes, created\n[\s\S]*registry\.test\.ts/);
    one.destroy();
    other.destroy();
    assertNoSecrets();
  });

  it("tracks also where the program formats its stacks in its own way", () => {
    const original = Error.prepareStackTrace;
    const secrets = openSecrets({ trackLeaks: true });
    try {
      Error.prepareStackTrace = (_, sites) => sites;
      secrets.allocate(8);
    } finally {
      Error.prepareStackTrace = original;
    }
    expect(thrown(assertNoSecrets).message).toContain("8 bytes, created");
    secrets.purge();
    assertNoSecrets();
  });
});
