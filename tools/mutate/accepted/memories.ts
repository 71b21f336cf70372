import { type Accepted, equivalent } from "./explanation.ts";

export const MEMORIES: readonly Accepted[] = [
  ...equivalent("memories/heap/heap_memory.ts", [
    [
      "{ return; } → empty block",
      "protect(_protection: Protection): void {",
      "the block does nothing",
    ],
    [
      "this.#view === null → false",
      "if (this.#view === null) return;",
      "a transfer of equal length leaves the bytes where they are, and there is no view",
    ],
  ]),
  ...equivalent("memories/pages/ledger.ts", [
    [
      "at < 0 → <=",
      "if (page === null || at < 0) return true;",
      "no entry lies at the start of the page, where the title is",
    ],
    ...[
      'if (!this.#kernel.protect(page.address, size, "read-write")) return false;',
      'kernel.protect(address, size, "read-write");',
      'if (!kernel.protect(address, size, "read-write")) return false;',
    ].map(
      (source) =>
        [
          '"read-write" → empty text',
          source,
          "the kernel's method takes all that is neither of the others for it",
        ] as const,
    ),
  ]),
  ...equivalent("memories/pages/neighbours.ts", [
    [
      "first === undefined || last === undefined → &&",
      "if (first === undefined || last === undefined || first === last) return false;",
      "a run has a last region where it has a first",
    ],
    [
      "1 → add one",
      "const ascending = [...regions].sort((a, b) => (a.slot.address < b.slot.address ? -1 : 1));",
      "the sign alone counts",
      2,
    ],
  ]),
  ...equivalent("memories/pages/pool.ts", [
    [
      "slot.marked = null; → left out",
      "slot.marked = null;",
      "the next region of the slot has another placement, and zeroing where the old canary lay changes no fresh page",
    ],
    [
      "slot.locked = false; → left out",
      "slot.locked = false;",
      "in #giveBudget: committing the slot again sets it before it is read",
    ],
  ]),
  ...equivalent("memories/pages/region.ts", [
    [
      "place.buffer === null → false",
      "if (place.buffer === null) return;",
      "a view is never there without its buffer; the types need the line",
    ],
  ]),
];
