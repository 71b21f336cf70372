import { SOAK } from "../../testing/tier.ts";
import "../../testing/core/follow_transfers.ts"; // first: see there

import { describe, expect, it } from "vitest";
import { LetheError, type LetheErrorCode } from "../../core/contract/errors.ts";
import type { Region } from "../../core/contract/memory.ts";
import { type Machine, SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { PAGE } from "../../testing/memories/pages/simulated_pages.ts";
import { TITLE } from "./ledger.ts";
import { type GuardedMemory, openKernel, openPages, openSecretmem } from "./mod.ts";

const MEMORIES = { pages: openPages, secretmem: openSecretmem };
const EXPECTED: ReadonlySet<LetheErrorCode> = new Set<LetheErrorCode>([
  "ERR_LETHE_UNAVAILABLE",
  "ERR_LETHE_EXHAUSTED",
  "ERR_LETHE_PROTECT",
]);

/** Runs something that may fail, in the ways that are foreseen. */
function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof LetheError && EXPECTED.has(error.code)) return false;
    throw error;
  }
}

/** What a caller does with a region, holding on to it until it is released. */
function live(memory: GuardedMemory, byteLength: number): void {
  const region = memory.allocate(byteLength);
  try {
    region.protect("read-write");
    region.view().fill(0xa5);
    region.detach();
    region.protect("no-access");
    region.protect("read-only");
    expect(region.view().every((byte) => byte === 0xa5)).toBe(true);
    region.detach();
    region.protect("no-access");
    region.protect("read-write");
    region.wipe();
    region.detach();
    region.protect("no-access");
  } finally {
    region.detach();
    region.release();
  }
}

function scenario(kernel: SimulatedKernel, open: typeof openPages): GuardedMemory | null {
  let memory: GuardedMemory | null = null;
  attempt(() => {
    memory = open(openKernel(kernel), { idleLength: 2 * PAGE });
  });
  const opened = memory as GuardedMemory | null;
  if (opened === null) return null;
  attempt(() => live(opened, 32));
  attempt(() => live(opened, 5000));
  attempt(() => opened.protectAll([], "no-access"));
  const regions: Region[] = [];
  attempt(() => {
    for (let i = 0; i < 3; i++) regions.push(opened.allocate(40));
  });
  attempt(() => opened.protectAll(regions, "read-only"));
  attempt(() => opened.protectAll(regions, "no-access"));
  for (const region of regions) attempt(() => region.release());
  opened.trim();
  return opened;
}

/** The pool is sound when it works like a fresh one, and gives everything back. */
function expectSound(kernel: SimulatedKernel, memory: GuardedMemory | null): void {
  kernel.machine.fails = () => false;
  if (memory !== null) {
    live(memory, 32);
    live(memory, 5000);
    memory.close();
  }
  expect(kernel.openFiles).toBe(0);
  expect(kernel.lockedBytes).toBe(0);
  const open = [...kernel.memory.table.values()].filter(({ access }) => access !== 0);
  // A reservation that is still there is still listed.
  expect(open.filter(({ bytes }) => !new TextDecoder().decode(bytes).startsWith(TITLE))).toEqual(
    [],
  );
}

describe.each(SOAK ? (["pages", "secretmem"] as const) : (["secretmem"] as const))(
  "%s: each libc call fails in turn",
  (name) => {
    it.each(SOAK ? [{ holes: false }, { holes: true }] : [{ holes: true }])("%o", (machine) => {
      const whole = new SimulatedKernel(machine);
      scenario(whole, MEMORIES[name])?.close();
      expect(whole.memory.table.size).toBe(0);
      expect(whole.calls.length).toBeGreaterThan(60);
      for (let position = 0; position < whole.calls.length; position++) {
        const fails: Machine["fails"] = (call) => call === position;
        const kernel = new SimulatedKernel({ ...machine, fails });
        const memory = scenario(kernel, MEMORIES[name]);
        const failed = kernel.calls[position];
        expectSound(kernel, memory);
        expect(`${failed} ${kernel.memory.table.size}`).toBe(`${failed} 0`);
      }
    });

    it("from some call on, everything fails", () => {
      const whole = new SimulatedKernel();
      scenario(whole, MEMORIES[name]);
      for (let position = 0; position < whole.calls.length; position += 3) {
        const kernel = new SimulatedKernel({ fails: (call) => call >= position });
        const memory = scenario(kernel, MEMORIES[name]);
        kernel.machine.fails = () => false;
        memory?.trim();
        if (memory !== null) live(memory, 32);
      }
    });

    it("another thread maps into a hole: its memory is never touched", () => {
      const whole = new SimulatedKernel();
      scenario(whole, MEMORIES[name]);
      for (const [position, call] of whole.calls.entries()) {
        if (call !== "mmap") continue;
        const fails: Machine["fails"] = (at) => at === position;
        const kernel = new SimulatedKernel({ holes: true, squatter: true, fails });
        expectSquatterUnharmed(kernel, scenario(kernel, MEMORIES[name]));
      }
    });
  },
);

function expectSquatterUnharmed(kernel: SimulatedKernel, memory: GuardedMemory | null): void {
  const foreign = [...kernel.memory.table.values()].filter(({ kind }) => kind === "foreign");
  expectSound(kernel, memory);
  const after = [...kernel.memory.table.values()].filter(({ kind }) => kind === "foreign");
  expect(after).toEqual(foreign);
}
