import type { Protection, Region, SecretMemory } from "../../core/mod.ts";

/** What the lifecycle asked of one region so far. */
export interface Record {
  readonly steps: string[];
  protection: Protection;
  /** Whether a view is handed out and not detached. */
  lent: boolean;
  wiped: boolean;
  released: boolean;
}

/** A memory that notes what is asked of it, in front of the one under test. */
export interface Recording {
  readonly memory: SecretMemory;
  /** One for each region, in the order of allocation. */
  readonly records: readonly Record[];
  /** The record of the region that was allocated last. */
  last(): Record;
}

/**
 * The lifecycle in front of a memory is as much a part of the protection as the memory is: pages
 * that it forgets to close stay open on any memory. A memory without traps cannot show that, its
 * record can.
 */
export function record(inner: SecretMemory): Recording {
  const records: Record[] = [];
  const { randomize } = inner;
  const memory: SecretMemory = {
    name: inner.name,
    guarantees: inner.guarantees,
    allocate: (byteLength) => noted(inner.allocate(byteLength), records),
    ...(randomize === undefined ? {} : { randomize: (bytes) => randomize.call(inner, bytes) }),
  };
  return { memory, records, last: () => records.at(-1) ?? absent() };
}

function noted(region: Region, records: Record[]): Region {
  const entry: Record = {
    steps: [],
    protection: "no-access",
    lent: false,
    wiped: false,
    released: false,
  };
  records.push(entry);
  return {
    byteLength: region.byteLength,
    guarantees: region.guarantees,
    protect(protection) {
      entry.steps.push(protection);
      region.protect(protection);
      entry.protection = protection;
    },
    view() {
      entry.steps.push("view");
      entry.lent = true;
      return region.view();
    },
    detach() {
      entry.steps.push("detach");
      region.detach();
      entry.lent = false;
    },
    wipe() {
      entry.steps.push("wipe");
      region.wipe();
      entry.wiped = true;
    },
    release() {
      entry.steps.push("release");
      entry.released = true;
      region.release();
    },
  };
}

function absent(): never {
  throw new Error("Nothing was allocated");
}
