import type { OpenSecrets, Region, SecretMemory } from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";
import { library, type Otherwise } from "./library.ts";

/** A memory, or a library over a sound one, with one fault: the suite must find it, and it alone. */
export interface FaultySubject {
  readonly name: string;
  /** Id of the requirement that it breaks. */
  readonly breaks: string;
  /** What is wrong with it, and how one comes to write such a thing. */
  readonly fault: string;
  memory(): SecretMemory;
  /** Of a faulty library. */
  readonly openSecrets?: OpenSecrets;
  /** As in a subject. */
  readonly exhaust?: number;
  /** A command that runs the target's command, which follows it. */
  readonly launcher?: readonly string[];
}

/** A faulty library, over memory that is sound. */
export function faultyLibrary(
  breaks: string,
  name: string,
  fault: string,
  otherwise: Otherwise,
): FaultySubject {
  const openSecrets = library(otherwise);
  return { name, breaks, fault, memory: () => new HeapMemory(), openSecrets };
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
