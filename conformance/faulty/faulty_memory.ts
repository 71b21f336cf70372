import { HeapMemory, type Region, type SecretMemory } from "../../core/mod.ts";

/** A memory with one fault, which the suite must find, and which alone it must find. */
export interface FaultyMemory {
  readonly name: string;
  /** Id of the requirement that it breaks. */
  readonly breaks: string;
  /** What is wrong with it, and how one comes to write such a memory. */
  readonly fault: string;
  memory(): SecretMemory;
  /** As in a subject. */
  readonly exhaust?: number;
}

/** A method of a region, or several, that do something else. */
export type Change = (region: Region) => Partial<Region>;

/**
 * Heap memory, which is sound, with some methods of its regions changed.
 *
 * The core has no switch for this and the faults reach it through its port alone, as those of a
 * stranger's memory would.
 */
export function withRegions(change: Change, own: Partial<SecretMemory> = {}): SecretMemory {
  const heap = new HeapMemory();
  return {
    name: "faulty",
    guarantees: heap.guarantees,
    allocate(byteLength) {
      const region = heap.allocate(byteLength);
      return { ...through(region), ...change(region) };
    },
    ...own,
  };
}

/** Memory that allocates in another way, from heap memory. */
export function withAllocate(
  allocate: (heap: HeapMemory, byteLength: number) => Region,
): SecretMemory {
  const heap = new HeapMemory();
  return {
    name: "faulty",
    guarantees: heap.guarantees,
    allocate: (byteLength) => allocate(heap, byteLength),
  };
}

/** A region that passes everything on. */
export function through(region: Region): Region {
  return {
    byteLength: region.byteLength,
    guarantees: region.guarantees,
    protect: (protection) => region.protect(protection),
    view: () => region.view(),
    detach: () => region.detach(),
    wipe: () => region.wipe(),
    release: () => region.release(),
  };
}
