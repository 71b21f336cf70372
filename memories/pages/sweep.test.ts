import { SOAK } from "../../testing/tier.ts";
import "../../testing/core/follow_transfers.ts"; // first: see there

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Region } from "../../core/contract/memory.ts";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { PAGE, type Page } from "../../testing/memories/pages/simulated_pages.ts";
import { TITLE } from "./ledger.ts";
import { type GuardedMemory, openKernel, openPages, openSecretmem } from "./mod.ts";

const MEMORIES = { pages: openPages, secretmem: openSecretmem };

/** A process in which thread 2 held regions, one of them open, and was terminated. */
function withEnded(name: keyof typeof MEMORIES): {
  readonly kernel: SimulatedKernel;
  readonly held: readonly Region[];
  readonly addresses: readonly number[];
} {
  const kernel = new SimulatedKernel({ thread: 2 });
  const memory = MEMORIES[name](openKernel(kernel));
  const held = [32, 32, 9000].map((length) => memory.allocate(length));
  for (const region of held) {
    region.protect("read-write");
    region.view().fill(0xa5);
    region.detach();
    if (region !== held[0]) region.protect("no-access");
  }
  kernel.machine.ended.add(2);
  kernel.machine.thread = 1;
  const addresses = held.map((region) => Number((region as Region & { address: bigint }).address));
  return { kernel, held, addresses };
}

function expectGone(kernel: SimulatedKernel, addresses: readonly number[]): void {
  for (const at of addresses) {
    expect(kernel.memory.table.get(Math.floor(at / PAGE))).toBeUndefined();
  }
}

type Ledger = readonly [address: number, words: BigUint64Array];
/** Where a ledger says its own address, its owner, and how much it lists: see ledger.ts. */
const [SELF, OWNER, COUNT] = [2, 3, 5] as const;

function ledgers(kernel: SimulatedKernel): readonly Ledger[] {
  kernel.memory.sync();
  const title = new TextEncoder().encode(TITLE);
  return [...kernel.memory.table]
    .filter(([, { bytes }]) => title.every((byte, index) => bytes[index] === byte))
    .map(([index, { bytes }]) => [index * PAGE, new BigUint64Array(bytes.slice().buffer)]);
}

describe.each(SOAK ? (["pages", "secretmem"] as const) : (["secretmem"] as const))(
  "%s of a thread that has ended",
  (name) => {
    it("are wiped and given back when another thread opens a memory", () => {
      const { kernel, addresses } = withEnded(name);
      const left = addresses.map((at) => kernel.memory.table.get(Math.floor(at / PAGE)));
      expect(left.every((page) => page?.locked)).toBe(true);
      const memory = openPages(openKernel(kernel));
      expectGone(kernel, addresses);
      for (const page of left) expect(page?.bytes.every((byte) => byte === 0)).toBe(true);
      expect(kernel.openFiles).toBe(0);
      memory.allocate(32).release();
      memory.close();
      // The page that the ended memory compared its regions with, which is not listed, and the one that
      // says who sweeps. Neither holds a secret.
      expect(kernel.memory.table.size).toBe(2);
    });

    it("are swept by sweep, and before a region is refused", () => {
      for (const way of ["sweep", "allocate"] as const) {
        const kernel = new SimulatedKernel({ lockLimit: 16 * PAGE });
        const memory = MEMORIES.secretmem(openKernel(kernel));
        kernel.machine.thread = 2;
        const other = MEMORIES.secretmem(openKernel(kernel));
        const held = Array.from({ length: 8 }, () => other.allocate(32));
        expect(held).toHaveLength(8);
        kernel.machine.thread = 1;
        kernel.machine.ended.add(2);
        if (way === "sweep") memory.sweep();
        const mine = Array.from({ length: 12 }, () => memory.allocate(32));
        expect(mine.every(({ guarantees }) => guarantees.locked.level === "enforced")).toBe(true);
      }
    });

    it("are swept when another thread has got its number", () => {
      const { kernel, addresses } = withEnded(name);
      kernel.machine.ended.clear();
      kernel.machine.reused.add(2);
      openPages(openKernel(kernel));
      expectGone(kernel, addresses);
    });

    it("are left alone while it runs", () => {
      const { kernel, addresses } = withEnded(name);
      kernel.machine.ended.clear();
      openPages(openKernel(kernel)).sweep();
      for (const at of addresses) {
        expect(kernel.memory.load(at, 1, 0)).toEqual(Uint8Array.of(0xa5));
      }
    });

    it("are left alone while it runs, whichever call of a sweep fails", () => {
      const { kernel, addresses } = withEnded(name);
      kernel.machine.ended.clear();
      const memory = openPages(openKernel(kernel));
      kernel.calls.length = 0;
      memory.sweep();
      const { length } = kernel.calls;
      expect(kernel.calls.filter((call) => call === "open").length).toBeGreaterThan(3);
      for (let position = 0; position < length; position++) {
        const start = kernel.calls.length;
        kernel.machine.fails = (call) => call === start + position;
        memory.sweep();
        for (const at of addresses) {
          expect(kernel.memory.load(at, 1, 0), kernel.calls[start + position]).toEqual(
            Uint8Array.of(0xa5),
          );
        }
      }
    });

    it("are left alone where a part of what is listed is not there any more", () => {
      const { kernel, addresses } = withEnded(name);
      const [, words] = ledgers(kernel)[0] as Ledger;
      const [count = 0, ...listed] = [...words.subarray(COUNT)].map(Number);
      expect(count).toBe(2);
      for (let at = 0; at < 2 * count; at += 2) {
        const end = (listed[at] as number) + (listed[at + 1] as number);
        kernel.memory.unmap(end - PAGE, PAGE);
      }
      openPages(openKernel(kernel)).sweep();
      for (const at of addresses) {
        expect(kernel.memory.load(at, 1, 0)).toEqual(Uint8Array.of(0xa5));
      }
    });

    it("are left to a thread that sweeps, until that one has ended too", () => {
      const { kernel, addresses } = withEnded(name);
      kernel.machine.thread = 3;
      openKernel(kernel).sweepTurn.run(() => {
        kernel.machine.thread = 1;
        openPages(openKernel(kernel));
        for (const at of addresses) {
          expect(kernel.memory.load(at, 1, 0)).toEqual(Uint8Array.of(0xa5));
        }
        // Terminated in the middle of a sweep, which leaves its turn as it is.
        kernel.machine.ended.add(3);
        openPages(openKernel(kernel));
        expectGone(kernel, addresses);
      });
    });

    it("are left alone unless everything about them can be read", () => {
      for (const broken of ["open", "read", "pread"]) {
        const { kernel, addresses } = withEnded(name);
        const memory = (() => {
          kernel.machine.fails = (_, call) => call === broken;
          try {
            return openPages(openKernel(kernel));
          } catch {
            return null;
          }
        })();
        memory?.sweep();
        for (const at of addresses) {
          expect(kernel.memory.load(at, 1, 0), broken).toEqual(Uint8Array.of(0xa5));
        }
        kernel.machine.fails = () => false;
        openPages(openKernel(kernel));
        expectGone(kernel, addresses);
      }
    });

    it.each([
      ["whole", true],
      ["at another address", false],
      ["without its title", false],
    ])("are what a ledger lists: one that is forged, %s, is believed: %s", (how, believed) => {
      const { kernel } = withEnded(name);
      const [, dead] = ledgers(kernel)[0] as Ledger;
      const memory = MEMORIES[name](openKernel(kernel));
      const region = memory.allocate(100) as Region & { readonly address: bigint };
      const [, mine] = ledgers(kernel)[0] as Ledger;
      // What this thread has, said to be of the thread that has ended.
      const at = kernel.memory.find(PAGE);
      kernel.memory.map(at, PAGE, "reserved", 0);
      const page = kernel.memory.table.get(at / PAGE) as Page;
      const words = new BigUint64Array(page.bytes.buffer);
      words.set(mine);
      words.set(dead.subarray(OWNER, OWNER + 2), OWNER);
      if (how !== "at another address") words[SELF] = BigInt(at);
      if (how === "without its title") words[0] = 0n;
      page.access = 1;
      page.dontFork = true;
      memory.sweep();
      const isThere = kernel.memory.table.has(Math.floor(Number(region.address) / PAGE));
      expect(isThere).toBe(!believed);
    });

    it("whatever fails, what runs is never touched, and a later sweep finishes", () => {
      const somewhere = fc
        .array(fc.nat(80), { maxLength: 6 })
        .map((all) => all.filter((at) => !all.includes(at - 1))); // not twice in a row
      fc.assert(
        fc.property(somewhere, (failing) => {
          const { kernel, addresses } = withEnded(name);
          kernel.machine.thread = 3;
          const mine = openPages(openKernel(kernel), { idleLength: 0 });
          expectGone(kernel, addresses);
          const kept = mine.allocate(100);
          kernel.machine.thread = 4;
          const theirs = openSecretmem(openKernel(kernel));
          const region = theirs.allocate(100);
          for (const each of [region, kept]) {
            each.protect("read-write");
            each.view().fill(0x5a);
            each.detach();
            each.protect("no-access");
          }
          kernel.machine.ended.add(4);
          kernel.machine.thread = 3;
          const start = kernel.calls.length;
          kernel.machine.fails = (call) => failing.includes(call - start);
          mine.sweep();
          kernel.machine.fails = () => false;
          check(mine, kept);
          mine.sweep();
          expectGone(kernel, [Number((region as Region & { address: bigint }).address)]);
          check(mine, kept);
        }),
        { numRuns: !SOAK ? 12 : 1000 },
      );
    }, 600_000);
  },
);

it("a sweep reads the first page of what is no ledger, and nothing of what is too long for ledgers", () => {
  const kernel = new SimulatedKernel();
  const memory = openPages(openKernel(kernel));
  const map = (pages: number): Page[] => {
    const at = kernel.memory.find(pages * PAGE);
    kernel.memory.map(at, pages * PAGE, "reserved", 0);
    const mapped = kernel.memory.pages(at, pages * PAGE) ?? [];
    for (const page of mapped) page.access = 1;
    return mapped;
  };
  const reads = (): number => {
    kernel.calls.length = 0;
    memory.sweep();
    return kernel.calls.filter((call) => call === "pread").length;
  };
  const usual = reads();
  map(40);
  expect(reads()).toBe(usual + 1);
  map(257);
  expect(reads()).toBe(usual + 1);
});

function check(memory: GuardedMemory, kept: Region): void {
  kept.protect("read-only");
  expect([...new Set(kept.view())]).toEqual([0x5a]);
  kept.detach();
  kept.protect("no-access");
  expect(memory.live).toBe(1);
}
