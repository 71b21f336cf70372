/**
 * For authors of a memory, in pages.
 *
 * @module
 */
import type { Runtime } from "../../../core/contract/runtime.ts";
import { heapRuntime } from "../heap_runtime.ts";

export * from "../../../core/memory_door.ts";
export { HeapMemory } from "../../../memories/heap/mod.ts";

/** What this runtime has: best-effort memory, and no way to abort. */
export const runtime: Runtime = /* @__PURE__ */ heapRuntime("web", {
  kind: "web",
  taken: '"lethe/memory" by a condition for the web',
});
