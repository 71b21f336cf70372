import "../../testing/core/follow_transfers.ts"; // first: see there

import process from "node:process";
import { describe, expect, it } from "vitest";
import type { Region } from "../../core/mod.ts";
import { FakeMachine, PAGE } from "../../testing/memories/sodium/fake_machine.ts";
import { bytesOf, codeOf, destroy, fill, open } from "../../testing/memories/sodium/lives.ts";
import { SodiumSlot } from "./slot.ts";
import { SlotBudget } from "./slot_budget.ts";
import { SodiumMemory } from "./sodium_memory.ts";

describe("why libsodium failed, which it does not say", () => {
  const explain = (change: Partial<FakeMachine>, filtered = false): string => {
    const machine = Object.assign(new FakeMachine(), change);
    const kernel = { ...machine.kernel, filtered: () => filtered };
    return new SlotBudget(kernel, PAGE).explain("mprotect", 1);
  };

  it.each([
    ["mappings", explain({ others: 65_529 }), /at 65529 of vm.max_map_count 65530; .*sysctl -w/],
    ["memory", explain({ room: PAGE }), /: 4096 bytes of memory are left.*ulimit -v, ulimit -d/],
    ["a filter", explain({}, true), /does not say why; a filter .*\(seccomp\) may refuse it$/],
    ["nothing that is known", explain({}), /does not say why; no limit explains it$/],
  ])("is read from the process: %s", (_, explained, sentence) => {
    expect(explained).toMatch(/^mprotect was refused/);
    expect(explained).toMatch(sentence);
  });

  it("is in the error of a secret that cannot be opened, or made", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    const region = memory.allocate(32);
    machine.others = machine.maxMapCount;
    const refused = (call: string) => ({
      ...machine.sodium,
      [call]: () => {
        throw new Error("failed to lock buffer");
      },
    });
    machine.failing = 1;
    expect(() => region.protect("read-only")).toThrow(
      /read-write: mprotect was refused: .* 65530;/,
    );
    const slot = () => new SodiumSlot(refused("sodium_malloc"), 1, 32, new SlotBudget(null, PAGE));
    expect(slot).toThrow(
      /32 guarded bytes: libsodium got no memory, and sodium-native does not say why/,
    );
  });
});

describe("the budget", () => {
  it("refuses while a quarter of the mappings is left, and keeps a part of it for large secrets", () => {
    const machine = new FakeMachine();
    machine.maxMapCount = 2000;
    const memory = open(machine);
    const regions: Region[] = [];
    expect(
      codeOf(() => {
        for (;;) regions.push(memory.allocate(32));
      }),
    ).toBe("ERR_LETHE_EXHAUSTED");
    expect(regions.length).toBe(Math.floor((1500 - machine.others) / 4));
    expect(machine.live.length).toBe(regions.length);
    for (const region of regions) destroy(region);
    destroy(memory.allocate(32));
    destroy(memory.allocate(65_536));
  });

  it("sees what the rest of the process maps meanwhile", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    for (let count = 0; count < 4; count++) memory.allocate(32);
    machine.others = 0.8 * machine.maxMapCount - machine.pages.length * 4;
    expect(codeOf(() => memory.allocate(32))).toBe("ERR_LETHE_EXHAUSTED");
  });

  it("leaves half of the memory, and makes fewer slots rather than none", () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    machine.room = 2 ** 30;
    expect(codeOf(() => memory.allocate(2 ** 31 - 1))).toBe("ERR_LETHE_EXHAUSTED");
    expect(codeOf(() => memory.allocate(2 ** 29))).toBe("ERR_LETHE_EXHAUSTED");
    expect(memory.allocate(2 ** 20).byteLength).toBe(2 ** 20);
    machine.room = 2 ** 20 + 5 * PAGE;
    for (let count = 0; count < 5; count++) memory.allocate(32);
    machine.room = 2 ** 20;
    expect(codeOf(() => memory.allocate(8000))).toBe("ERR_LETHE_EXHAUSTED");
  });

  it("goes by its own count where nobody can be asked", () => {
    const machine = new FakeMachine();
    const memory = new SodiumMemory(machine.sodium, null, "no /proc");
    let count = 0;
    const code = codeOf(() => {
      for (; count < 20_000; count++) memory.allocate(1);
    });
    expect([code, count]).toEqual(
      process.platform === "linux" ? ["ERR_LETHE_EXHAUSTED", 12_286] : ["none", 20_000],
    );
  });

  it("gives back all that is idle at a sweep, and nothing that is in use", async () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    const regions = Array.from({ length: 300 }, () => memory.allocate(32));
    const kept = regions.splice(0, 10);
    for (const region of kept) fill(region, 0xa5);
    for (const region of regions) destroy(region);
    memory.sweep?.();
    await expect.poll(() => machine.live.length, { timeout: 5000 }).toBe(10);
    for (const region of kept) expect(bytesOf(region).every((byte) => byte === 0xa5)).toBe(true);
    // Once: later ones are kept as ever.
    for (const region of Array.from({ length: 20 }, () => memory.allocate(32))) destroy(region);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(machine.live.length).toBeGreaterThanOrEqual(30);
  });

  it("gives back what stays idle, and nothing that is in use", async () => {
    const machine = new FakeMachine();
    const memory = open(machine);
    const regions = Array.from({ length: 600 }, () => memory.allocate(32));
    const kept = regions.splice(0, 10);
    for (const region of kept) fill(region, 0xa5);
    for (const region of regions) destroy(region);
    await expect.poll(() => machine.live.length, { timeout: 5000 }).toBeLessThan(110);
    machine.turn();
    expect(machine.live.length).toBeGreaterThanOrEqual(10);
    for (const region of kept) expect(bytesOf(region).every((byte) => byte === 0xa5)).toBe(true);
  });
});
