import { SOAK } from "../../testing/tier.ts";
import "../../testing/core/follow_transfers.ts"; // first: see there

import fc from "fast-check";
import { expect, it } from "vitest";
import { LetheError } from "../../core/contract/errors.ts";
import type { Region } from "../../core/contract/memory.ts";
import { SimulatedKernel } from "../../testing/memories/pages/simulated_kernel.ts";
import { PAGE, type Page } from "../../testing/memories/pages/simulated_pages.ts";
import { TITLE } from "./ledger.ts";
import { type GuardedMemory, openKernel, openPages, openSecretmem } from "./mod.ts";

const MEMORIES = { pages: openPages, secretmem: openSecretmem };
const EXPECTED: readonly string[] = ["ERR_LETHE_EXHAUSTED", "ERR_LETHE_PROTECT"];

/** Runs something that may fail, in the ways that are foreseen. */
function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof LetheError && EXPECTED.includes(error.code)) return false;
    throw error;
  }
}

type Use = "write" | "read" | "release" | "steal";
type Step =
  | { readonly do: "allocate"; readonly length: number }
  | { readonly do: Use; readonly which: number }
  | { readonly do: "trim" }
  | { readonly do: "all" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("allocate" as const),
    length: fc.constantFrom(1, 16, 32, 100, 4080, 4081, 9000),
  }),
  fc.record({
    do: fc.constantFrom("write" as const, "read" as const, "release" as const, "steal" as const),
    which: fc.nat(7),
  }),
  fc.record({ do: fc.constant("trim" as const) }),
  fc.record({ do: fc.constant("all" as const) }),
);

interface Held {
  readonly region: Region & { readonly address?: bigint };
  byte: number;
}

/** What lists the reservations of a thread, as long as there is one. */
function isLedger({ bytes }: Page): boolean {
  return new TextDecoder().decode(bytes).startsWith(TITLE);
}

interface Weather {
  /** What a refused mapping leaves behind, and whether another thread takes it. */
  readonly machine: { readonly holes: boolean; readonly squatter: boolean };
  /** Numbers of the libc calls that fail, counted from the opened memory. */
  readonly failing: readonly number[];
}

const weather: fc.Arbitrary<Weather> = fc.record({
  machine: fc.constantFrom(
    { holes: false, squatter: false },
    { holes: true, squatter: false },
    { holes: true, squatter: true },
  ),
  failing: fc.oneof(
    fc.array(fc.nat(250), { maxLength: 12 }),
    // Storms: most of what two failures can do to each other takes them close together.
    fc
      .array(fc.record({ at: fc.nat(200), length: fc.integer({ min: 2, max: 6 }) }), {
        minLength: 1,
        maxLength: 4,
      })
      .map((storms) =>
        storms.flatMap(({ at, length }) => Array.from({ length }, (_, i) => at + i)),
      ),
  ),
});

const history = fc.property(
  fc.constantFrom("pages" as const, "secretmem" as const),
  fc.array(step, { maxLength: 40 }),
  weather,
  (name, steps, { machine, failing }) => {
    const kernel = new SimulatedKernel({ lockLimit: 24 * PAGE, ...machine });
    const memory = MEMORIES[name](openKernel(kernel), { idleLength: 3 * PAGE });
    const start = kernel.calls.length;
    const positions = new Set(failing.map((at) => at + start));
    kernel.machine.fails = (call) => positions.has(call);
    const held: Held[] = [];
    for (const each of steps) {
      take(memory, held, each);
      check(kernel, held);
    }
    kernel.machine.fails = () => false;
    for (const { region } of held) region.release();
    memory.close();
    const left = [...kernel.memory.table.values()].filter(
      (page) => !isLost(page) && !isLedger(page),
    );
    expect(left.filter(({ locked }) => locked)).toEqual([]);
    for (const { access, bytes } of left) {
      expect(access).toBe(0);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    }
  },
);

/**
 * Another thread's pages, or pages that nobody can tell from such: their mapping was to be replaced,
 * that was refused, and so had been each madvise that would have marked them. Lethe never touches
 * either again. They hold no secret, unless closing and wiping them was refused as well.
 */
function isLost({ kind, dontDump, dontFork }: Page): boolean {
  return kind === "foreign" || (kind === "reserved" && !dontDump && !dontFork);
}

const title = "any history of use and failure keeps every region apart, intact and closed";

it.each(SOAK ? [1, 2, 3, 4, -1_447_206_117] : [1, -1_447_206_117])(`${title} (seed %i)`, (seed) => {
  fc.assert(history, { seed, numRuns: 60 });
});

it(`${title} (new ones each time)`, { timeout: 1_800_000 }, () => {
  fc.assert(history, { numRuns: SOAK ? 20_000 : 60 });
});

function take(memory: GuardedMemory, held: Held[], each: Step): void {
  if (each.do === "allocate") {
    attempt(() => held.push({ region: memory.allocate(each.length), byte: 0 }));
    return;
  }
  if (each.do === "trim") {
    memory.trim();
    return;
  }
  if (each.do === "all") {
    const regions = held.map(({ region }) => region);
    attempt(() => memory.protectAll(regions, "read-only"));
    while (!attempt(() => memory.protectAll(regions, "no-access")));
    return;
  }
  const one = held[each.which];
  if (one === undefined) return;
  const { region } = one;
  if (each.do === "release") {
    held.splice(each.which, 1);
    attempt(() => region.release());
    return;
  }
  attempt(() => {
    region.protect(each.do === "write" ? "read-write" : "read-only");
    expect([...new Set(region.view())]).toEqual([one.byte]);
    if (each.do === "write") {
      one.byte = (one.byte + 1) % 256;
      region.view().fill(one.byte);
    }
    if (each.do === "steal") region.view().buffer.transfer();
  });
  region.detach();
  while (!attempt(() => region.protect("no-access")));
}

function check(kernel: SimulatedKernel, held: readonly Held[]): void {
  const seen = new Set<number>();
  for (const { region, byte } of held) {
    const start = Number(region.address);
    const bytes = kernel.memory.load(start, region.byteLength, 0);
    // A region that was never opened has not had its canary moved out of the way yet.
    if (byte !== 0) expect([...new Set(bytes)]).toEqual([byte]);
    expect((start + region.byteLength) % PAGE).toBe(0);
    for (let at = Math.floor((start - 16) / PAGE); at * PAGE < start + region.byteLength; at++) {
      expect(seen.has(at)).toBe(false);
      seen.add(at);
      expect(kernel.memory.table.get(at)?.access).toBe(0);
    }
    const after = kernel.memory.table.get((start + region.byteLength) / PAGE);
    expect(after).toMatchObject({ kind: "reserved", access: 0, locked: false });
  }
  for (const page of kernel.memory.table.values()) {
    if (page.kind === "secret") expect(page.dontDump).toBe(true);
  }
}
