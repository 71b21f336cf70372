import { expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { FakeMemory } from "../../../testing/core/fake_memory.ts";
import { SharedRegion } from "./shared_region.ts";

function opened(): { readonly memory: FakeMemory; readonly region: SharedRegion } {
  const memory = new FakeMemory();
  return { memory, region: new SharedRegion(openSecrets({ memory }), 64) };
}

it("opens once for all that is nested, and leaves every part empty and itself closed", () => {
  const { memory, region } = opened();
  const parts: Uint8Array[] = [];
  region.open(() => {
    parts.push(region.part(0, 32));
    region.open(() => parts.push(region.part(32, 32)));
    expect(parts.map(({ length }) => length)).toEqual([32, 32]);
    parts[1]?.fill(7);
    expect(memory.last.bytes.slice(30, 34)).toEqual([0, 0, 7, 7]);
    expect(memory.last.protection).toBe("read-write");
  });
  expect(parts.map(({ length }) => length)).toEqual([0, 0]);
  expect(memory.last.steps).toEqual(["protect read-write", "view", "detach", "protect no-access"]);
  expect(() => region.part(0, 1)).toThrow(/its region is closed/);
});

it("is closed when what ran in it threw", () => {
  const { memory, region } = opened();
  const fails = (): never => {
    throw new RangeError("of the caller");
  };
  expect(() => region.open(() => region.open(fails))).toThrow("of the caller");
  expect(memory.last.protection).toBe("no-access");
  expect(() => region.part(0, 1)).toThrow(/its region is closed/);
});

it("opens for reading alone once it is frozen", () => {
  const { memory, region } = opened();
  region.freeze();
  region.open(() => expect(memory.last.protection).toBe("read-only"));
});

it("lends nothing more once it was destroyed, also to what still runs in it", () => {
  const { memory, region } = opened();
  region.open(() => {
    const part = region.part(0, 32).fill(7);
    region.destroy();
    expect([part.length, region.part(0, 32).length, memory.last.zero]).toEqual([0, 0, true]);
    expect(() => region.open(() => 0)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_DESTROYED" }),
    );
  });
  expect(memory.last.released).toBe(1);
  expect(memory.violations).toEqual([]);
});
