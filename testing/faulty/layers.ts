import type { Protection, Region, SecretsOptions } from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";
import { through } from "./faulty_subject.ts";

/** Puts a layer between a library and its memory. */
type Layer = (options: SecretsOptions) => SecretsOptions;

function layer(change: (region: Region) => Partial<Region>): Layer {
  return (options) => {
    const memory = options.memory === undefined ? new HeapMemory() : options.memory;
    if (typeof memory !== "object" || typeof memory?.allocate !== "function") return options;
    const allocate = (byteLength: number): Region => {
      const region = memory.allocate(byteLength);
      return { ...through(region), ...change(region) };
    };
    return { ...options, memory: { name: memory.name, guarantees: memory.guarantees, allocate } };
  };
}

/** Regions that were wiped on an earlier tick than they are released on are not released. */
export const lateRelease: Layer = layer((region) => {
  let late = false;
  return {
    wipe() {
      region.wipe();
      queueMicrotask(() => {
        late = true;
      });
    },
    release() {
      if (!late) region.release();
    },
  };
});

/** Pages are closed by a microtask, but for those that are wiped. */
export const lateClosing: Layer = layer((region) => {
  let wanted: Protection = "no-access";
  let wiped = false;
  return {
    wipe() {
      region.wipe();
      wiped = true;
    },
    protect(protection) {
      wanted = protection;
      if (protection !== "no-access" || wiped) return region.protect(protection);
      queueMicrotask(() => {
        if (wanted === "no-access" && !wiped) region.protect("no-access");
      });
    },
  };
});

/** At the end what is not lent is detached all the same, and before the bytes are wiped. */
export const detachedFirst: Layer = layer((region) => {
  let lent = false;
  return {
    view() {
      lent = true;
      return region.view();
    },
    detach() {
      lent = false;
      region.detach();
    },
    wipe() {
      if (!lent) region.detach();
      region.wipe();
    },
  };
});
