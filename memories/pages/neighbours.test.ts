import "../../testing/core/follow_transfers.ts"; // first: see there

import { expect, it } from "vitest";
import type { Region } from "../../core/contract/memory.ts";
import { exposeAll } from "../../core/mod.ts";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { code } from "../../testing/memories/pages/simulated_memory.ts";
import { openSecrets } from "../heap/mod.ts";
import { type GuardedMemory, openKernel, openPages, openSecretmem } from "./mod.ts";

function open(): { kernel: SimulatedKernel; memory: GuardedMemory; regions: Region[] } {
  const kernel = new SimulatedKernel();
  const memory = openPages(openKernel(kernel), { idleLength: 0 });
  const regions = Array.from({ length: 5 }, () => memory.allocate(32));
  for (const region of regions) {
    region.protect("read-write");
    region.protect("no-access");
  }
  kernel.calls.length = 0;
  return { kernel, memory, regions };
}

/** How many pages of regions can be read now. */
const readable = (kernel: SimulatedKernel): number =>
  [...kernel.memory.table.values()].filter(({ access, locked }) => access !== 0 && locked).length;

it("neighbours are opened one by one, so that no guard opens, and closed by one request", () => {
  const { kernel, memory, regions } = open();
  memory.protectAll(regions, "read-only");
  expect(kernel.calls).toHaveLength(5);
  expect(readable(kernel)).toBe(5);
  memory.protectAll(regions, "no-access");
  expect(kernel.calls).toHaveLength(6);
  expect(readable(kernel)).toBe(0);
});

it("what lies between two of them and is not among them stays open", () => {
  const { kernel, memory, regions } = open();
  const [a, b, c, d, e] = regions as [Region, Region, Region, Region, Region];
  memory.protectAll(regions, "read-only");
  memory.protectAll([d, a, e, b], "no-access");
  expect(readable(kernel)).toBe(1);
  expect(c.view().byteLength).toBe(32);
  c.protect("read-write");
  c.view().fill(1);
});

it("regions of different sizes, a single one and none", () => {
  const { kernel, memory, regions } = open();
  const large = memory.allocate(9000);
  memory.protectAll([large, ...regions], "read-write");
  memory.protectAll([large, ...regions], "no-access");
  memory.protectAll([], "no-access");
  memory.protectAll([large], "no-access");
  expect(readable(kernel)).toBe(0);
});

it("opening is all or nothing", () => {
  const { kernel, memory, regions } = open();
  kernel.machine.fails = (call) => call === 3;
  expect(() => memory.protectAll(regions, "read-only")).toThrow(/mprotect|read-only/);
  expect(readable(kernel)).toBe(0);
});

it("a refused request for a run is made again for each region", () => {
  const { kernel, memory, regions } = open();
  memory.protectAll(regions, "read-only");
  kernel.machine.fails = (call) => call === 5;
  memory.protectAll(regions, "no-access");
  expect(kernel.calls).toHaveLength(11);
  expect(readable(kernel)).toBe(0);
});

it("what cannot be closed is an error, after all others were closed", () => {
  const { kernel, memory, regions } = open();
  memory.protectAll(regions, "read-only");
  // The request for all of them, and that for the second.
  kernel.machine.fails = (call) => call === 5 || call === 7;
  expect(code(() => memory.protectAll(regions, "no-access"))).toBe("ERR_LETHE_PROTECT");
  // Five opened, one asked to close all, and one for each; the rest of the calls explain the refusal.
  expect(kernel.calls.filter((call) => call === "mprotect")).toHaveLength(11);
  expect(readable(kernel)).toBe(1);
  memory.protectAll(regions, "no-access");
  expect(readable(kernel)).toBe(0);
});

it("a released region takes no part, even when its slot belongs to another", () => {
  const { kernel, memory, regions } = open();
  const [stale, ...others] = regions as [Region, ...Region[]];
  stale.release();
  const next = memory.allocate(32);
  next.protect("read-only");
  memory.protectAll(others, "read-only");
  memory.protectAll(regions, "no-access");
  expect(readable(kernel)).toBe(1);
  expect(() => memory.protectAll(regions, "read-only")).toThrow(/was released/);
  expect(readable(kernel)).toBe(1);
  expect(next.view().byteLength).toBe(32);
});

it("exposeAll of N neighbours opens each and closes all by one request, whatever N and the order", () => {
  for (const count of [2, 3, 20]) {
    const kernel = new SimulatedKernel();
    const secrets = openSecrets({ memory: openPages(openKernel(kernel), { idleLength: 0 }) });
    const all = Array.from({ length: count }, () => secrets.allocate(32));
    for (const secret of all) secret.modify((bytes) => bytes.fill(1));
    kernel.calls.length = 0;
    const views = exposeAll([...all.reverse(), all[0] as (typeof all)[0]], (lent) => {
      expect(kernel.calls).toHaveLength(count);
      expect(readable(kernel)).toBe(count);
      return [...lent];
    });
    expect(kernel.calls).toEqual(Array.from({ length: count + 1 }, () => "mprotect"));
    expect(readable(kernel)).toBe(0);
    expect(views.every(({ byteLength }) => byteLength === 0)).toBe(true);
    for (const { state } of all) expect(state).toBe("guarded");
    secrets.purge();
  }
});

it("exposeAll of secrets of two memories closes those of each together", () => {
  const kernel = new SimulatedKernel();
  const libc = openKernel(kernel);
  const pages = openSecrets({ memory: openPages(libc, { idleLength: 0 }) });
  const hidden = openSecrets({ memory: openSecretmem(libc, { idleLength: 0 }) });
  const all = [pages, hidden, pages, hidden].map((secrets) => secrets.allocate(32));
  for (const secret of all) secret.modify((bytes) => bytes.fill(1));
  kernel.calls.length = 0;
  exposeAll(all, () => expect(readable(kernel)).toBe(4));
  expect(kernel.calls).toHaveLength(4 + 2);
  // A refused request for several is followed by one for each.
  kernel.calls.length = 0;
  kernel.machine.fails = (call) => call === 4;
  exposeAll(all, () => undefined);
  expect(kernel.calls).toHaveLength(4 + 1 + 2 + 1);
  expect(readable(kernel)).toBe(0);
});
