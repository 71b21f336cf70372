/** Survivors that were looked into, and why no test kills them. */
import type { Survivor } from "./results.ts";

export interface Accepted extends Survivor {
  /** Whether the change makes no difference that a caller could see; otherwise a test is missing. */
  readonly isEquivalent: boolean;
  readonly why: string;
  /** How many mutants of this text it explains, where the same line stands more than once: one, unless said. */
  readonly times?: number;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    path: "memories/heap/heap_memory.ts",
    source: "protect(_protection: Protection): void {",
    change: "{ return; } → empty block",
    isEquivalent: true,
    why: "the block does nothing",
  },
  {
    path: "memories/heap/heap_memory.ts",
    source: "if (this.#view === null) return;",
    change: "this.#view === null → false",
    isEquivalent: true,
    why: "a transfer of equal length leaves the bytes where they are, and there is no view",
  },
];
