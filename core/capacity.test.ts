import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import type { Capacity } from "./contract/memory.ts";

function capacity(given: unknown): Capacity | null {
  const memory = Object.assign(new FakeMemory(), { capacity: () => given as Capacity });
  return openSecrets({ memory }).capacity(32);
}

describe("capacity", () => {
  it("is what the memory says, for the length that was asked for", () => {
    const asked: number[] = [];
    const memory = Object.assign(new FakeMemory(), {
      capacity(byteLength: number): Capacity {
        asked.push(byteLength);
        return { regions: 7, locked: 3 };
      },
    });
    const secrets = openSecrets({ memory });
    expect(secrets.capacity(100)).toEqual({ regions: 7, locked: 3 });
    expect([asked, secrets.stats.live]).toEqual([[100], 0]);
    expect(capacity({ regions: Number.POSITIVE_INFINITY, locked: 0 })?.locked).toBe(0);
    expect(capacity({ regions: 3, locked: 3 })).toEqual({ regions: 3, locked: 3 });
  });

  it("is null where the memory cannot tell, or says what cannot be", () => {
    expect(openSecrets({ memory: new FakeMemory() }).capacity(32)).toBeNull();
    expect(openSecrets().capacity(32)).toBeNull();
    for (const [regions, locked] of [
      [-1, 0],
      [1.5, 1],
      [Number.NaN, 0],
      ["7", 0],
      [3, 4],
      [3, undefined],
    ]) {
      expect(capacity({ regions, locked })).toBeNull();
    }
  });

  it("takes the lengths that secrets can have", () => {
    expect(() => openSecrets().capacity(0)).toThrow(RangeError);
    expect(() => openSecrets().capacity("32" as never)).toThrow(TypeError);
  });
});
