/** Survivors that were looked into, and why no test kills them. */
import type { Survivor } from "./results.ts";

export interface Accepted extends Survivor {
  readonly why: string;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    path: "memories/heap/heap_memory.ts",
    source: "protect(_protection: Protection): void {",
    change: "{ return; } → empty block",
    why: "equivalent: the block does nothing",
  },
  {
    path: "memories/heap/heap_memory.ts",
    source: "if (this.#view === null) return;",
    change: "this.#view === null → false",
    why: "equivalent: a transfer of equal length leaves the bytes where they are, and there is no view",
  },
  {
    path: "memories/heap/heap_memory.ts",
    source: 'name: "heap",',
    change: '"heap" → empty text',
    why: "killed since by a test of the name",
  },
  {
    path: "memories/heap/mod.ts",
    source: 'name: "heap",',
    change: '"heap" → empty text',
    why: "killed since by a test of the name",
  },
];
