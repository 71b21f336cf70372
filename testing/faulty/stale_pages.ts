import { openSecrets, runtime } from "../../adapters/node/mod.ts";
import type { Region, SecretMemory } from "../../core/mod.ts";
import { type FaultySubject, through } from "./faulty_subject.ts";

/** Sound memory with traps, without which this fault does not show. Throws where there is none. */
function sodium(): SecretMemory {
  const offer = runtime.memories.find(({ name }) => name === "sodium");
  if (offer === undefined) throw new TypeError("Cannot open sodium: node does not offer it");
  return offer.open();
}

/** A pool that opens the pages of a slot as soon as it is free, for whoever comes next. */
export const STALE_PAGES: FaultySubject = {
  name: "opened for the next",
  breaks: "G14",
  fault: "a pool opens the pages of a free slot, so that a stale address reads the next secret",
  openSecrets,
  memory() {
    const base = sodium();
    let ready: Region | null = null;
    return {
      name: base.name,
      guarantees: base.guarantees,
      randomize: (bytes) => base.randomize?.(bytes),
      allocate(byteLength) {
        ready?.protect("no-access");
        ready?.release();
        ready = null;
        const region = base.allocate(byteLength);
        return {
          ...through(region),
          release() {
            region.release();
            ready ??= base.allocate(byteLength);
            ready.protect("read-only");
          },
        };
      },
    };
  },
};
