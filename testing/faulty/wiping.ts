import { offHeapBytes, type Region } from "../../core/mod.ts";
import { type FaultySubject, withRegions } from "./faulty_subject.ts";

/** Memories that leave bytes behind. */
export const WIPING: readonly FaultySubject[] = [
  {
    name: "no wipe",
    breaks: "M7",
    fault: "`wipe` does nothing: the memory counts on `release` giving zero pages back",
    memory: () => withRegions(() => ({ wipe: () => undefined })),
  },
  {
    name: "last byte left",
    breaks: "M7",
    fault: "`wipe` stops one byte early: a bound that is off by one",
    memory: () =>
      withRegions((region) => ({
        wipe() {
          const last = region.view()[region.byteLength - 1] as number;
          region.wipe();
          region.view()[region.byteLength - 1] = last;
        },
      })),
  },
  {
    name: "one size class",
    breaks: "M7",
    fault: "`wipe` of the slots of 256 bytes has the length of a smaller class",
    memory: () =>
      withRegions((region) => ({
        wipe() {
          const last = region.view()[region.byteLength - 1] as number;
          region.wipe();
          if (region.byteLength > 128 && region.byteLength <= 256) {
            region.view()[region.byteLength - 1] = last;
          }
        },
      })),
  },
  {
    name: "wipe at release",
    breaks: "M7",
    fault: "`wipe` does nothing, and `release` wipes what nobody can check any more",
    memory: () =>
      withRegions((region) => ({
        wipe: () => undefined,
        release() {
          region.wipe();
          region.release();
        },
      })),
  },
  {
    name: "wipe that detaches",
    breaks: "M7",
    fault: "`wipe` takes the view away first, so that nobody reads back what it left",
    memory: () =>
      withRegions((region) => ({
        wipe() {
          region.detach();
          region.wipe();
        },
      })),
  },
  {
    name: "late wipe",
    breaks: "F1",
    fault:
      "`wipe` takes fresh pages and overwrites the old ones a tick later, as `sodium_free` does",
    memory() {
      const queue = new LateQueue();
      return withRegions((region) => ({
        wipe() {
          queue.add(region.view());
          region.wipe();
        },
      }));
    },
  },
  {
    name: "copy at wipe",
    breaks: "F1",
    fault:
      "`wipe` overwrites a copy of the bytes, and leaves the last few originals where they were",
    memory() {
      const left: Uint8Array[] = [];
      return withRegions((region) => ({
        wipe() {
          left.push(region.view().slice());
          if (left.length > 64) left.shift();
          region.wipe();
        },
      }));
    },
  },
  {
    name: "never given back",
    breaks: "M8",
    fault: "`release` keeps every region in a list that is emptied on a later tick",
    memory() {
      const kept: Region[] = [];
      return withRegions((region) => ({ release: () => void kept.push(region) }));
    },
  },
];

/** Old pages that wait for a microtask; at once only when there are too many. */
class LateQueue {
  #waiting: Uint8Array[] = [];

  add(bytes: Uint8Array): void {
    const old = offHeapBytes(bytes.length);
    old.set(bytes);
    if (this.#waiting.push(old) > 64) this.#flush();
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    for (const old of this.#waiting) old.fill(0);
    this.#waiting = [];
  }
}
