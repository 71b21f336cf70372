import { describe, expect, it } from "vitest";
import { SIZES, sample, thrown } from "../../testing/core/samples.ts";
import { HeapMemory } from "./heap_memory.ts";
import { openSecrets } from "./mod.ts";

const memory = new HeapMemory();

describe("heap memory", () => {
  it("gives zeros, in a buffer too large for any collected heap and that nobody can resize", () => {
    for (const size of SIZES) {
      const region = memory.allocate(size);
      const { buffer, length } = region.view();
      expect([region.byteLength, length, buffer.resizable]).toEqual([size, size, false]);
      expect(buffer.byteLength).toBeGreaterThanOrEqual(256);
      expect(region.view().every((byte) => byte === 0)).toBe(true);
    }
  });

  it("gives one view until detach, which empties it, its buffer and every view derived from it", () => {
    for (const size of SIZES) {
      const region = memory.allocate(size);
      const view = region.view();
      const { buffer } = view;
      expect(region.view()).toBe(view);
      const derived = [view.subarray(0), new Uint8Array(buffer)];
      const expected = sample(size);
      view.set(expected);
      region.detach();
      expect([view, buffer, ...derived].map(({ byteLength }) => byteLength)).toEqual([0, 0, 0, 0]);
      expect(region.view().every((byte, index) => byte === expected[index])).toBe(true);
    }
  });

  it("wipes the bytes under the view that is handed out, and after detach", () => {
    for (const detached of [false, true]) {
      const region = memory.allocate(300);
      const view = region.view();
      view.set(sample(300));
      if (detached) region.detach();
      region.wipe();
      if (!detached) expect(region.view()).toBe(view);
      expect(region.view().every((byte) => byte === 0)).toBe(true);
    }
  });

  it("gives the memory back on release", () => {
    for (const size of [1, 32]) {
      const region = memory.allocate(size);
      const view = region.view();
      region.release();
      expect(view.byteLength).toBe(0);
      expect(() => region.view()).toThrow();
    }
  });

  it("says so when the bytes were transferred away, in every step that would lie otherwise", () => {
    const region = memory.allocate(32);
    region.view().buffer.transfer();
    for (const step of [() => region.detach(), () => region.detach(), () => region.wipe()]) {
      expect(thrown(step).code).toBe("ERR_LETHE_WIPE");
    }
  });

  it("is exhausted with a typed error where the runtime has no such buffer", () => {
    const { code, message } = thrown(() => memory.allocate(2 ** 53 - 1));
    expect([code, message.includes("destroy secrets")]).toEqual(["ERR_LETHE_EXHAUSTED", true]);
  });

  it("promises three guarantees, and no more for a region than for all", () => {
    const enforced = Object.entries(memory.guarantees)
      .filter(([, { level }]) => level === "enforced")
      .map(([name]) => name);
    expect(enforced).toEqual(["detached-views", "wiped-on-destroy", "off-heap"]);
    expect(memory.allocate(1).guarantees).toBe(memory.guarantees);
  });

  it("has the generator that it was given, which is slow, or none", () => {
    const given = (bytes: Uint8Array): void => void bytes.fill(7);
    const own = new HeapMemory(given);
    expect([own.randomize, own.randomizesSlowly]).toEqual([given, true]);
    expect("randomize" in memory).toBe(false);
  });

  it("is called heap, by its runtime and in its errors", () => {
    expect([memory.name, openSecrets({ memory: "heap" }).memory]).toEqual(["heap", "heap"]);
    const wrong = (): unknown => openSecrets({ memory: "pages" });
    expect(wrong).toThrow('Cannot open memory "pages": heap has heap');
  });

  it("claims neither locks, traps nor secrecy from the kernel", () => {
    const { guarantees } = memory;
    for (const name of ["locked", "access-trap", "write-trap", "guard-pages", "hidden"] as const) {
      expect(guarantees[name]).toMatchObject({ level: "none", verified: false });
      expect(guarantees[name].evidence).not.toBe("");
    }
  });
});

it("says of each guarantee of pages that it has none, and why", () => {
  const { guarantees } = new HeapMemory();
  for (const name of [
    "access-trap",
    "write-trap",
    "guard-pages",
    "locked",
    "no-dump",
    "no-fork",
  ] as const) {
    expect(guarantees[name]).toMatchObject({
      level: "none",
      evidence: "ordinary memory of the runtime; use a memory with its own pages",
    });
  }
});
