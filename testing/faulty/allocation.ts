import type { Region, SecretMemory } from "../../core/mod.ts";
import { withCanary } from "./canary_memory.ts";
import { type FaultySubject, through, withAllocate, withRegions } from "./faulty_subject.ts";

/** Memories that give out the wrong region, or none in the wrong way. */
export const ALLOCATION: readonly FaultySubject[] = [
  {
    name: "garbage",
    breaks: "M1",
    fault: "a new region holds a fill pattern, as that of `sodium_malloc` does",
    memory: () =>
      withAllocate((heap, byteLength) => {
        const region = heap.allocate(byteLength);
        region.view().fill(0xdb);
        region.detach();
        return region;
      }),
  },
  {
    name: "rounded up",
    breaks: "M10",
    fault: "a region has the length of its slot, the next multiple of 16, and says so",
    memory: () =>
      withAllocate((heap, byteLength) => heap.allocate(Math.ceil(byteLength / 16) * 16)),
  },
  {
    name: "shared slot",
    breaks: "M3",
    fault: "the table of slots is full at 64, and its index wraps around",
    memory: sharedSlots,
  },
  {
    name: "shared pages",
    breaks: "M3",
    fault: "two regions lie on one page, and closing one closes the other, which is in use",
    memory() {
      const live: (Region | undefined)[] = [];
      return withRegions((region) => {
        const at = live.push(region) - 1;
        return {
          protect(protection) {
            region.protect(protection);
            if (protection === "no-access") live[at ^ 1]?.detach();
          },
          release() {
            live[at] = undefined;
            region.release();
          },
        };
      });
    },
  },
  {
    name: "plain exhaustion",
    breaks: "M2",
    fault: "without room the allocator's own error comes through, without a code",
    exhaust: 200,
    memory() {
      let live = 0;
      return withRegions((region) => {
        if (live === 128) throw new RangeError("Array buffer allocation failed");
        live += 1;
        return {
          release() {
            live -= 1;
            region.release();
          },
        };
      });
    },
  },
  {
    name: "short random",
    breaks: "A5",
    fault: "`randomize` fills one call's worth of the system's generator, 64 KiB, and no more",
    memory: () =>
      withRegions(() => ({}), {
        randomize: (bytes) => {
          crypto.getRandomValues(bytes.subarray(0, 65_536) as Uint8Array<ArrayBuffer>);
        },
      }),
  },
  {
    name: "unread canary",
    breaks: "G11",
    fault: "a canary is written before the data, and never compared",
    memory: () => withCanary(false),
  },
];

/** From the 65th on, a region is the oldest live one of its length once more. */
function sharedSlots(): SecretMemory {
  const slots: { readonly region: Region; leases: number }[] = [];
  return withAllocate((heap, byteLength) => {
    const full = slots.length >= 64;
    const shared = full ? slots.find(({ region }) => region.byteLength === byteLength) : undefined;
    const slot = shared ?? { region: heap.allocate(byteLength), leases: 0 };
    if (shared === undefined) slots.push(slot);
    slot.leases += 1;
    return {
      ...through(slot.region),
      release() {
        slot.leases -= 1;
        if (slot.leases > 0) return;
        slots.splice(slots.indexOf(slot), 1);
        slot.region.release();
      },
    };
  });
}
