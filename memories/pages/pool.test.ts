import "../../testing/core/follow_transfers.ts"; // first: see there

import { describe, expect, it } from "vitest";
import type { Region } from "../../core/contract/memory.ts";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import {
  code,
  destroy,
  MEMORIES,
  open,
  use,
} from "../../testing/memories/pages/simulated_memory.ts";
import { PAGE } from "../../testing/memories/pages/simulated_pages.ts";
import { openKernel } from "./mod.ts";

describe.each(["pages", "secretmem"] as const)("%s", (name) => {
  it("a steady state makes mprotect calls only", () => {
    const { kernel, memory } = open(name);
    for (const length of [32, 4096]) destroy(memory.allocate(length));
    kernel.calls.length = 0;
    for (let i = 0; i < 10; i++) {
      for (const length of [32, 4096]) {
        const region = memory.allocate(length);
        use(region);
        destroy(region);
      }
    }
    expect([...new Set(kernel.calls)]).toEqual(["mprotect"]);
    expect(kernel.calls.length).toBe(20 * 4);
    kernel.calls.length = 0;
    memory.allocate(32).release();
    expect(kernel.calls).toEqual([]);
  });

  it("a slot with a damaged canary is not kept", () => {
    const { kernel, memory } = open(name);
    const other = memory.allocate(32); // keeps the reservation
    const region = memory.allocate(32);
    use(region);
    const { address } = region as Region & { address: bigint };
    region.protect("read-write");
    kernel.memory.store(Number(address) - 16, Uint8Array.of(0));
    expect(code(() => region.release())).toBe("ERR_LETHE_CANARY");
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))?.locked).toBe(false);
    destroy(other);
    memory.trim();
    expect(kernel.lockedBytes).toBe(0);
  });

  it("POOL-3: a slot that lacks something says so, and is not kept", () => {
    const { kernel, memory } = open(name);
    memory.trim();
    kernel.machine.fails = (_, call) => call === "madvise";
    const weak = memory.allocate(32);
    expect(weak.guarantees["no-fork"].level).toBe("none");
    expect(weak.guarantees["no-fork"].evidence).toMatch(/MADV_DONTFORK was refused/);
    expect(weak.guarantees["no-dump"].level).toBe(name === "pages" ? "none" : "enforced");
    kernel.machine.fails = () => false;
    destroy(weak);
    expect(memory.allocate(32).guarantees["no-fork"].level).toBe("enforced");
  });

  it("POOL-4: a slot whose buffer was taken away is closed for good", () => {
    const { kernel, memory } = open(name);
    const region = memory.allocate(32);
    region.protect("read-write");
    const stolen = region.view().buffer.transfer();
    expect(stolen.byteLength).toBe(32);
    region.detach();
    const { address } = region as Region & { address: bigint };
    region.view().fill(7);
    destroy(region);
    for (let i = 0; i < 12; i++) use(memory.allocate(32));
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))?.access).toBe(0);
    expect(kernel.memory.table.get(Math.floor(Number(address) / PAGE))?.locked).toBe(false);
  });

  it("POOL-1: idle pages are bounded, and trim gives them back", () => {
    const kernel = new SimulatedKernel();
    const memory = MEMORIES[name](openKernel(kernel), { idleLength: 3 * PAGE });
    for (const region of Array.from({ length: 8 }, () => memory.allocate(32))) destroy(region);
    expect(kernel.lockedBytes).toBe(3 * PAGE);
    memory.trim();
    expect(kernel.lockedBytes).toBe(0);
  });

  it("POOL-5: pages that nobody needs go back by and by, those in use or needed again do not", async () => {
    const kernel = new SimulatedKernel();
    const memory = MEMORIES[name](openKernel(kernel), { idleTime: 30 });
    const kept = memory.allocate(32);
    use(kept);
    for (const region of Array.from({ length: 200 }, () => memory.allocate(32))) destroy(region);
    // Three at once, again and again, for longer than a period.
    const until = performance.now() + 150;
    let turns = 0;
    kernel.calls.length = 0;
    for (; performance.now() < until || kernel.lockedBytes > 4 * PAGE; turns++) {
      for (const region of [0, 1, 2].map(() => memory.allocate(32))) destroy(region);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (turns > 5000) break;
    }
    expect(kernel.lockedBytes).toBe(4 * PAGE);
    // Neither mapped anew nor locked: only what is given back was replaced.
    expect(kernel.calls.filter((call) => call === "mmap")).toHaveLength(197);
    expect(kernel.calls).not.toContain("mlock");
    while (kernel.lockedBytes > PAGE) await new Promise((resolve) => setTimeout(resolve, 5));
    kept.protect("read-only");
    expect([...new Set(kept.view())]).toEqual([0xa5]);
    kept.detach();
    kept.protect("no-access");
    destroy(kept);
    while (kernel.lockedBytes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // The page that regions are compared with.
    expect(kernel.memory.table.size).toBe(1);
    memory.close();
  });

  it("POOL-5: a trim begins a new period for what comes after it", async () => {
    const kernel = new SimulatedKernel();
    const memory = MEMORIES[name](openKernel(kernel), { idleTime: 40 });
    destroy(memory.allocate(32));
    memory.trim();
    await new Promise((resolve) => setTimeout(resolve, 25));
    const region = memory.allocate(32);
    let kept = 0;
    const since = performance.now();
    kernel.machine.fails = (_, call) => {
      if (call === "mmap") kept ||= performance.now() - since;
      return false;
    };
    destroy(region);
    while (kernel.lockedBytes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    // The period before the trim would have ended 15 milliseconds later.
    expect(kept).toBeGreaterThanOrEqual(35);
  });

  it("POOL-5: gives back some at a time, of all sizes together, and the rest soon after", async () => {
    const kernel = new SimulatedKernel();
    const memory = MEMORIES[name](openKernel(kernel), { idleTime: 20 });
    const regions = [32, 5000].flatMap((n) => Array.from({ length: 33 }, () => memory.allocate(n)));
    for (const region of regions) destroy(region);
    const replaced: number[] = [];
    const count = (): number => kernel.calls.filter((call) => call === "mmap").length;
    const before = count();
    while (kernel.lockedBytes > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (count() - before !== (replaced.at(-1) ?? 0)) replaced.push(count() - before);
    }
    expect(replaced).toEqual([64, 66]);
  });

  it("a sweep gives idle pages back at once, and no region's", () => {
    const { kernel, memory } = open(name);
    const [kept, ...rest] = Array.from({ length: 5 }, () => memory.allocate(32)) as [Region];
    for (const region of rest as Region[]) destroy(region);
    memory.sweep();
    expect(kernel.lockedBytes).toBe(PAGE);
    destroy(kept);
    memory.sweep();
    expect(kernel.memory.table.size).toBe(1);
  });

  it("vm.max_map_count: exhaustion is typed, with the remedy, and capacity foretold it", () => {
    const { kernel, memory } = open(name, { maxMapCount: 1100, lockLimit: 2 ** 40 });
    const { regions } = memory.capacity(32);
    const held: Region[] = [];
    const fail = () => {
      for (;;) held.push(memory.allocate(32));
    };
    expect(fail).toThrow(/vm.max_map_count is 1100, .* raise it with sysctl vm.max_map_count/);
    expect(code(fail)).toBe("ERR_LETHE_EXHAUSTED");
    expect(Math.abs(held.length - regions)).toBeLessThanOrEqual(1);
    expect(kernel.maps.length).toBeLessThanOrEqual(1100 - 1024);
    destroy(held.pop() as Region);
    held.push(memory.allocate(32));
    for (const region of held) destroy(region);
    memory.close();
    expect(kernel.memory.table.size).toBe(0);
  });
});

it("RLIMIT_MEMLOCK: pages beyond it say that they are not locked, and why", () => {
  const { kernel, memory } = open("pages", { lockLimit: 65536 });
  const { regions, locked } = memory.capacity(32);
  expect(regions).toBeGreaterThan(10_000);
  const held = Array.from({ length: 20 }, () => memory.allocate(32));
  const given = held.filter(({ guarantees }) => guarantees.locked.level === "enforced");
  expect(given).toHaveLength(15);
  expect(locked).toBe(15);
  expect(kernel.lockedBytes).toBe(15 * PAGE);
  expect(held.at(-1)?.guarantees.locked).toMatchObject({ level: "none" });
  expect(held.at(-1)?.guarantees.locked.evidence).toMatch(/RLIMIT_MEMLOCK is 65536.*ulimit -l/);
  expect(held.at(-1)?.guarantees["no-dump"].level).toBe("enforced");
  destroy(held[0] as Region);
  expect(memory.allocate(32).guarantees.locked.level).toBe("enforced");
});

it("RLIMIT_MEMLOCK: a lock that the system refused is given back once", () => {
  const { kernel, memory } = open("pages", { lockLimit: 65536 });
  const held = Array.from({ length: 14 }, () => memory.allocate(32));
  kernel.machine.fails = (_, call) => call === "mlock";
  const refused = memory.allocate(32);
  expect(refused.guarantees.locked.evidence).toMatch(/^mlock was refused/);
  kernel.machine.fails = () => false;
  held.push(memory.allocate(32));
  expect(kernel.lockedBytes).toBe(15 * PAGE);
  destroy(refused);
  // The last page of the limit is left to others: METER-2.
  expect(memory.allocate(32).guarantees.locked.level).toBe("none");
  expect(kernel.lockedBytes).toBe(15 * PAGE);
  for (const region of held) destroy(region);
});

it("vm.max_map_count: what a reservation costs is given back once", () => {
  const kernel = new SimulatedKernel({ maxMapCount: 1050 });
  const memory = MEMORIES.pages(openKernel(kernel), { idleLength: 0 });
  const fill = (): Region[] => {
    const held: Region[] = [];
    // So long that each takes a reservation.
    const all = () => {
      for (;;) held.push(memory.allocate(255 * PAGE));
    };
    expect(all).toThrow(/vm.max_map_count is 1050/);
    return held;
  };
  const [kept, ...others] = fill() as [Region, ...Region[]];
  expect(others.length).toBeGreaterThan(3);
  for (const region of others) region.release();
  expect(fill()).toHaveLength(others.length);
  expect(kernel.maps.length).toBeLessThanOrEqual(1050 - 1024);
  kept.release();
});

it("RLIMIT_MEMLOCK: secretmem beyond it is exhausted, with the remedy", () => {
  const { kernel, memory } = open("secretmem", { lockLimit: 65536 });
  expect(memory.capacity(32)).toEqual({ regions: 15, locked: 15 });
  const held = Array.from({ length: 15 }, () => memory.allocate(32));
  expect(() => memory.allocate(32)).toThrow(/RLIMIT_MEMLOCK is 65536.*61440 are in use.*ulimit -l/);
  for (const region of held) destroy(region);
  // POOL-2: what is idle in one size makes room for another.
  destroy(memory.allocate(12 * PAGE));
  expect(kernel.lockedBytes).toBeLessThanOrEqual(61440);
});
