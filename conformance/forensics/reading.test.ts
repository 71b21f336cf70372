import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Pagemap } from "./pagemap.ts";
import { readMemory } from "./process_memory.ts";
import { Sweep } from "./sweep.ts";
import type { Search } from "./window.ts";
import { WorkingMemory } from "./working_memory.ts";

const PAGE = 4096;

/** Collects what it is given to search, by address. */
class Listener implements Search {
  readonly longestRun = 8;
  readonly heard = new Map<number, number>();

  search({ bytes, base, from, to }: Parameters<Search["search"]>[0]): void {
    for (let at = from; at < to; at += 1) this.heard.set(base + at, bytes[at] ?? 0);
  }
}

it("every readable page between unreadable ones is searched, and the others are counted", () => {
  const base = 0x7f0000000000;
  const unreadable = new Set([0, 3, 4, 8]);
  const listener = new Listener();
  const sweep = new Sweep(listener, 2 * PAGE, () => undefined, new WorkingMemory());
  // Like the kernel: a read ends before the first page that fails, and fails only when it begins there.
  const refused = readMemory(
    (target, address) => {
      const page = (address - base) / PAGE;
      if (unreadable.has(Math.floor(page))) throw new Error("EIO");
      const next = Math.min(...[...unreadable].filter((each) => each > page), 10);
      const count = Math.min(target.length, base + next * PAGE - address);
      target.fill(Math.floor(page) + 1, 0, count);
      return count;
    },
    base,
    base + 10 * PAGE,
    PAGE,
    sweep,
  );
  sweep.finish();
  expect(refused).toBe(4 * PAGE);
  expect(sweep.bytesSwept).toBe(6 * PAGE);
  expect(listener.heard.size).toBe(6 * PAGE);
  for (const page of unreadable) expect(listener.heard.has(base + page * PAGE)).toBe(false);
  expect(listener.heard.get(base + 9 * PAGE)).toBe(10);
});

it("pages that are present or swapped make runs, also across slices, and others do not", () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-pagemap-"));
  const path = join(directory, "pagemap");
  const entries = new BigUint64Array(200_000);
  const [present, swapped, others] = [1n << 63n, 1n << 62n, (1n << 61n) | (1n << 55n) | 5n];
  entries.fill(others);
  entries.fill(present | others, 10, 12);
  entries.fill(swapped, 12, 13);
  entries.fill(present, 65_500, 65_600);
  entries.fill(swapped, 199_999);
  writeFileSync(path, new Uint8Array(entries.buffer));
  const descriptor = openSync(path, "r");
  try {
    const pages = (from: number, to: number): [number, number][] =>
      new Pagemap(descriptor, PAGE)
        .presentRuns(from * PAGE, to * PAGE)
        .map(({ start, end }) => [start / PAGE, end / PAGE]);
    expect(pages(0, 200_000)).toEqual([
      [10, 13],
      [65_500, 65_600],
      [199_999, 200_000],
    ]);
    expect(pages(11, 12)).toEqual([[11, 12]]);
    expect(pages(13, 65_500)).toEqual([]);
    // Behind the end of the page map nothing is known, and so everything is to be read.
    expect(pages(199_998, 200_010)).toEqual([[199_999, 200_010]]);
  } finally {
    closeSync(descriptor);
    rmSync(directory, { recursive: true });
  }
});
