import { readFully } from "./files.ts";

/** Addresses from `start` up to `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

const ENTRY_BYTES = 8;
const SLICE_ENTRIES = 65536;

/** Bits 63 (present) and 62 (swapped) of an entry, seen in its upper half: with either, it is this or more. */
const LEAST_EXISTING = 0x40000000;

/**
 * Tells which pages of a process exist.
 *
 * `/proc/PID/pagemap` (Documentation/admin-guide/mm/pagemap.rst) has one entry of 64 bits for each
 * page. It is read in slices of 512 KiB, each of which stands for 256 MiB, so that a reservation of
 * many gigabytes costs little. Without CAP_SYS_ADMIN the frame numbers are zero, but not these bits.
 */
export class Pagemap {
  readonly #descriptor: number;
  readonly #pageSize: number;
  readonly #slice = new Uint32Array(new ArrayBuffer(SLICE_ENTRIES * ENTRY_BYTES));

  constructor(descriptor: number, pageSize: number) {
    this.#descriptor = descriptor;
    this.#pageSize = pageSize;
  }

  /** The stretches of `start` up to `end` that have pages in RAM or in swap, in order. */
  presentRuns(start: number, end: number): Stretch[] {
    const slice = this.#slice;
    const runs: Stretch[] = [];
    const lastPage = end / this.#pageSize;
    let from = -1;
    for (let page = start / this.#pageSize; page < lastPage; ) {
      const wanted = Math.min(SLICE_ENTRIES, lastPage - page);
      const target = new Uint8Array(slice.buffer, 0, wanted * ENTRY_BYTES);
      const filled = readFully(this.#descriptor, target, page * ENTRY_BYTES);
      const entries = Math.floor(filled / ENTRY_BYTES);
      if (entries === 0) {
        // Nothing is known of the rest. Reading it as memory will tell, and count what fails.
        return [...runs, { start: from >= 0 ? from : page * this.#pageSize, end }];
      }
      for (let entry = 0; entry < entries; entry += 1) {
        const exists = (slice[entry * 2 + 1] as number) >= LEAST_EXISTING;
        if (exists === from >= 0) continue;
        const address = (page + entry) * this.#pageSize;
        if (!exists) runs.push({ start: from, end: address });
        from = exists ? address : -1;
      }
      page += entries;
    }
    if (from >= 0) runs.push({ start: from, end });
    return runs;
  }
}
