import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { defer, sample, thrown } from "../testing/core/samples.ts";
import { consumeRegion } from "./consume_region.ts";
import { LetheError } from "./contract/errors.ts";
import { type HeldSecret, regionOf } from "./held_secret.ts";
import { ManagedRegion } from "./managed_region.ts";

function held(frozen: boolean = false) {
  const memory = new FakeMemory();
  const secrets = openSecrets({ memory });
  const secret = secrets.move(sample(8));
  if (frozen) secret.freeze();
  const region = regionOf(secret as HeldSecret);
  memory.last.steps.length = 0;
  return { memory, secrets, secret, region };
}

describe("consume", () => {
  it.each([false, true])("lends once more, wipes, and releases (frozen: %s)", (frozen) => {
    const { memory, secrets, secret, region } = held(frozen);
    let kept: Uint8Array | undefined;
    const taken = consumeRegion(region, (bytes) => {
      kept = bytes;
      expect([secret.state, memory.last.protection]).toEqual(["modifying", "read-write"]);
      return [...bytes];
    });
    expect(taken).toEqual([...sample(8)]);
    expect([kept?.length, secret.state, memory.last.zero, memory.last.released]).toEqual([
      0,
      "destroyed",
      true,
      1,
    ]);
    expect(memory.last.steps.filter((step) => step === "protect no-access").length).toBe(1);
    expect([secrets.stats.live, memory.violations]).toEqual([0, []]);
  });

  it("wipes once, and what was never opened before as well", () => {
    const memory = new FakeMemory();
    const secret = openSecrets({ memory }).allocate(8);
    memory.last.steps.length = 0;
    consumeRegion(regionOf(secret as HeldSecret), (bytes) => bytes.fill(1));
    expect(memory.last.steps.filter((step) => step === "wipe")).toHaveLength(1);
    expect([memory.last.zero, memory.last.released, memory.violations]).toEqual([true, 1, []]);
  });

  it("leaves what could not be wiped to be destroyed again", () => {
    const { memory, secret, region } = held();
    // protect, view, protect, wipe
    memory.arm({ at: 3, when: "before", error: new LetheError("ERR_LETHE_WIPE", "on purpose") });
    expect(thrown(() => consumeRegion(region, () => 0)).code).toBe("ERR_LETHE_WIPE");
    expect(thrown(() => secret.expose(() => 0)).message).toMatch(/destroy it again$/);
    secret.destroy();
    expect([secret.state, memory.last.zero, memory.last.released]).toEqual(["destroyed", true, 1]);
    expect(memory.violations).toEqual([]);
  });

  it("leaves a frozen secret frozen where it stays, and counts no scope of the program's", () => {
    const { secrets, secret, region } = held(true);
    const before = secrets.stats.exposes;
    const refuse = (): never => {
      throw new Error("on purpose");
    };
    expect(() => consumeRegion(region, refuse)).toThrow("on purpose");
    expect([secret.frozen, secrets.stats.exposes]).toEqual([true, before]);
    expect(thrown(() => secret.modify(() => 0)).code).toBe("ERR_LETHE_FROZEN");
    secret.destroy();
  });

  it("keeps the secret when what it lends to throws", () => {
    const { memory, secret, region } = held();
    expect(() =>
      consumeRegion(region, () => {
        throw new Error("of the caller");
      }),
    ).toThrow("of the caller");
    expect([secret.state, memory.last.protection, memory.last.released]).toEqual([
      "guarded",
      "no-access",
      0,
    ]);
    expect(secret.expose((bytes) => [...bytes])).toEqual([...sample(8)]);
  });

  it("inside another scope wipes at once, and releases when that ends", async () => {
    const { memory, secret, region } = held();
    const wait = defer();
    const pending = secret.expose(() => wait.promise);
    expect(consumeRegion(region, (bytes) => [...bytes])).toEqual([...sample(8)]);
    expect([secret.state, memory.last.zero, memory.last.released]).toEqual(["destroyed", true, 0]);
    wait.resolve();
    await pending;
    expect([memory.last.zero, memory.last.released, memory.violations]).toEqual([true, 1, []]);
  });

  it("ends what was destroyed by the one that it lends to", () => {
    const { memory, secret, region } = held();
    consumeRegion(region, () => secret.destroy());
    expect([secret.state, memory.last.released, memory.violations]).toEqual(["destroyed", 1, []]);
    expect(thrown(() => consumeRegion(region, () => 0)).code).toBe("ERR_LETHE_DESTROYED");
  });
});

it("what is collected is destroyed and counted, once", () => {
  const { memory, secrets, secret, region } = held();
  expect([region.collect(), region.collect()]).toEqual([true, false]);
  expect([secret.state, memory.last.zero, memory.last.released]).toEqual(["destroyed", true, 1]);
  expect([secrets.stats.collected, secrets.stats.live]).toEqual([1, 0]);
});

it("opens the pages for what the scope does, once for all that are open together", () => {
  const { memory, secret } = held();
  const protections = () => memory.last.steps.filter((step) => step.startsWith("protect"));
  secret.expose(() => {
    expect(memory.last.protection).toBe("read-only");
    secret.expose(() => secret.expose(() => undefined));
    expect(memory.last.protection).toBe("read-only");
  });
  expect(protections()).toEqual(["protect read-only", "protect no-access"]);
  secret.modify(() => expect(memory.last.protection).toBe("read-write"));
  expect(protections().slice(2)).toEqual(["protect read-write", "protect no-access"]);
});

it.each(["expose", "modify"] as const)(
  "closes what %s could not close before it opens again",
  (event) => {
    const { memory, secret } = held();
    // protect, view, detach, protect
    memory.arm({ at: 3, when: "before", error: new LetheError("ERR_LETHE_PROTECT", "on purpose") });
    expect(thrown(() => secret[event](() => undefined)).code).toBe("ERR_LETHE_PROTECT");
    expect(secret.state).toBe(event === "expose" ? "exposed" : "modifying");
    memory.last.steps.length = 0;
    expect(secret.expose((bytes) => [...bytes])).toEqual([...sample(8)]);
    expect(memory.last.steps.slice(0, 3)).toEqual([
      "detach",
      "protect no-access",
      "protect read-only",
    ]);
    expect([secret.state, memory.last.protection]).toEqual(["guarded", "no-access"]);
  },
);

it("what was never opened is released without being opened", () => {
  const memory = new FakeMemory();
  const secret = openSecrets({ memory }).allocate(8);
  secret.destroy();
  expect([memory.last.steps.includes("protect read-write"), memory.last.released]).toEqual([
    false,
    1,
  ]);
});

it("says why a scope is refused", () => {
  const { secret } = held(true);
  expect(() => secret.modify(() => 0)).toThrow("Cannot modify secret: it is frozen");
  const other = held().secret;
  other.modify(() => {
    expect(() => other.expose(() => 0)).toThrow(
      "Cannot expose secret: another scope of it is open",
    );
  });
  other.destroy();
  expect(() => other.expose(() => 0)).toThrow("Cannot expose secret: it was destroyed");
  expect([ManagedRegion.is(null), ManagedRegion.is(5), ManagedRegion.is({})]).toEqual([
    false,
    false,
    false,
  ]);
});
