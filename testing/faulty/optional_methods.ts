import type { Region, SecretMemory } from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";
import { type FaultySubject, through } from "./faulty_subject.ts";

/** Memories with more than the port asks for, and wrong about it. */
export const OPTIONAL_METHODS: readonly FaultySubject[] = [
  {
    name: "span",
    breaks: "M12",
    fault: "`protectAll` closes everything from the first region of its list to the last",
    memory: () =>
      watched((live) => ({
        protectAll(regions, protection) {
          for (const region of regions) region.protect(protection);
          if (protection !== "no-access") return;
          const places = regions.map((region) => live.indexOf(region));
          for (const region of live.slice(Math.min(...places), Math.max(...places))) {
            region.detach();
          }
        },
      })),
  },
  {
    name: "fraction",
    breaks: "M13",
    fault: "`capacity` divides the bytes that are left, and does not round",
    memory: () =>
      watched((live) => ({
        capacity(byteLength) {
          const used = live.reduce((sum, region) => sum + region.byteLength, 0);
          const regions = (2 ** 32 - used) / byteLength;
          return { regions, locked: 0 };
        },
      })),
  },
  {
    name: "trial",
    breaks: "M13",
    fault: "`capacity` tries by making a region, and wipes the one that was made before it",
    memory: () =>
      watched((live) => ({
        capacity() {
          live.at(-1)?.wipe();
          return { regions: Number.POSITIVE_INFINITY, locked: 0 };
        },
      })),
  },
  {
    name: "hasty sweep",
    breaks: "M14",
    fault: "`sweep` takes open pages for those of a thread that was ended inside a scope",
    memory: () =>
      watched((live, open) => ({
        sweep() {
          for (const region of live) if (open.has(region)) region.wipe();
        },
      })),
  },
];

/** Heap memory that knows its live regions, in the order of their places, and those that are open. */
function watched(
  more: (live: readonly Region[], open: ReadonlySet<Region>) => Partial<SecretMemory>,
): SecretMemory {
  const heap = new HeapMemory();
  const live: Region[] = [];
  const open = new Set<Region>();
  return {
    name: "faulty",
    guarantees: heap.guarantees,
    allocate(byteLength) {
      const inner = heap.allocate(byteLength);
      const region: Region = {
        ...through(inner),
        protect(protection) {
          inner.protect(protection);
          if (protection === "no-access") open.delete(region);
          else open.add(region);
        },
        release() {
          live.splice(live.indexOf(region), 1);
          inner.release();
        },
      };
      live.push(region);
      return region;
    },
    ...more(live, open),
  };
}
