import { offHeapBytes, type Region } from "../../core/mod.ts";
import { type FaultySubject, withRegions } from "./faulty_subject.ts";

/** Memories whose views, or the bytes under them, go astray. */
export const VIEWS: readonly FaultySubject[] = [
  {
    name: "no detach",
    breaks: "M6",
    fault: "`detach` only forgets the view: whoever kept it reads the secret for ever",
    memory: () => withRegions(() => ({ detach: () => undefined })),
  },
  {
    name: "a view each time",
    breaks: "M5",
    fault: "`view` makes a new object at every call",
    memory: () =>
      withRegions((region) => ({
        view: () => new Uint8Array(region.view().buffer, 0, region.byteLength),
      })),
  },
  {
    name: "forgets at detach",
    breaks: "M11",
    fault: "`detach` gives the pages back and takes fresh ones for the next view",
    memory: () =>
      withRegions((region) => ({
        detach() {
          region.view().fill(0);
          region.detach();
        },
      })),
  },
  {
    name: "mirror",
    breaks: "F2",
    fault: "a second copy is kept while the secret lives, to restore it after an error",
    memory: () => withRegions(mirrored),
  },
  {
    name: "moves at detach",
    breaks: "F3",
    fault: "`detach` copies the bytes to another buffer and wipes the old one, to invalidate views",
    memory: () => withRegions(moving),
  },
];

function mirrored(region: Region): Partial<Region> {
  const mirror = offHeapBytes(region.byteLength);
  return {
    detach() {
      mirror.set(region.view());
      region.detach();
    },
    wipe() {
      region.wipe();
      mirror.fill(0);
    },
    release() {
      region.release();
      mirror.buffer.transfer(0);
    },
  };
}

function moving(region: Region): Partial<Region> {
  let home = offHeapBytes(region.byteLength);
  let lent = false;
  return {
    view() {
      lent = true;
      return home;
    },
    detach() {
      if (!lent) return;
      lent = false;
      const next = offHeapBytes(region.byteLength);
      next.set(home);
      home.fill(0);
      home.buffer.transfer(0);
      home = next;
    },
    wipe: () => void home.fill(0),
    release() {
      home.buffer.transfer(0);
      region.release();
    },
  };
}
