import { LetheError, type Runtime } from "../../core/mod.ts";
import { HEAP_PROVIDER } from "../../memories/heap/mod.ts";
import { type EntryHere, misplaced } from "../../system/misplaced.ts";

/**
 * A runtime that has best-effort memory alone, and no way to abort. On a server, where its entry is out of
 * its place, the memories of servers are offered all the same and refuse with the reason, so that it stands
 * in `passedOver` and in every error.
 */
export function heapRuntime(name: string, entry: EntryHere): Runtime {
  const reason = misplaced(entry);
  if (reason === null) return { name, memories: [HEAP_PROVIDER] };
  const absent = (wanted: string): { name: string; open(): never } => ({
    name: wanted,
    open() {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open ${wanted}: ${reason}`);
    },
  });
  return {
    name,
    memories: [...["secretmem", "pages", "sodium"].map(absent), HEAP_PROVIDER],
    engines: [absent("sodium")],
  };
}
