import { offHeapBytes } from "../../core/mod.ts";
import type { Kernel, Mapping } from "./mappings.ts";
import type { Slot } from "./slot.ts";

/** Enough random bytes that no other page starts with them by chance. */
const MARKER_BYTES = 16;

/**
 * Finds each slot in the kernel's table and notes what it says there.
 *
 * Neither JavaScript nor libsodium tells the address of a slot, so a random marker is written into
 * each, and looked for through `/proc/self/mem` in the mappings of that size which are not known
 * yet. A count (`VmLck` before and after) would be cheaper and wrong when another thread locks at
 * the same time.
 *
 * A slot that is not found keeps its attestation `null`, and claims nothing.
 *
 * @param slots new, open for writing, all of one size
 * @param known addresses of the slots attested before; the new ones are added
 * @returns how many mappings the process has
 */
export function attestSlots(
  slots: readonly Slot[],
  kernel: Kernel,
  known: Set<number>,
  pageSize: number,
): number {
  const bytes = offHeapBytes(slots.length * MARKER_BYTES);
  for (let start = 0; start < bytes.length; start += MOST_RANDOM_BYTES) {
    crypto.getRandomValues(bytes.subarray(start, start + MOST_RANDOM_BYTES));
  }
  const marked = new Map<string, Slot>();
  slots.forEach((slot, index) => {
    const marker = bytes.subarray(index * MARKER_BYTES, (index + 1) * MARKER_BYTES);
    new Uint8Array(slot.buffer).set(marker);
    marked.set(marker.join(), slot);
  });
  try {
    const mappings = kernel.smaps();
    for (const mapping of mappings) {
      if (marked.size === 0) break;
      const slot = find(mapping, slots[0] as Slot, kernel, known, pageSize, marked);
      if (slot === null) continue;
      known.add(mapping.start);
      slot.attestation = {
        address: mapping.start,
        locked: mapping.flags.has("lo"),
        notDumped: mapping.flags.has("dd"),
      };
    }
    return mappings.length;
  } finally {
    for (const slot of slots) new Uint8Array(slot.buffer).fill(0, 0, MARKER_BYTES);
  }
}

function find(
  { start, end, permissions }: Mapping,
  { pages, byteLength }: Slot,
  kernel: Kernel,
  known: ReadonlySet<number>,
  pageSize: number,
  marked: Map<string, Slot>,
): Slot | null {
  if (permissions !== "rw-p" || end - start !== pages * pageSize || known.has(start)) return null;
  const key = kernel.read(end - byteLength, MARKER_BYTES).join();
  const slot = marked.get(key) ?? null;
  marked.delete(key);
  return slot;
}

/** The most that one call of `crypto.getRandomValues` fills. */
const MOST_RANDOM_BYTES = 65_536;
