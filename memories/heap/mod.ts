/**
 * Best-effort memory, for every runtime.
 *
 * @module
 */
import { type OpenSecrets, secretsOpener } from "../../core/open_secrets.ts";
import { HEAP_PROVIDER } from "./heap_memory.ts";

export { HEAP_PROVIDER, HeapMemory } from "./heap_memory.ts";

/**
 * `openSecrets` of no runtime: heap memory, or the memory that it is given. Programs use that of `lethe`,
 * which has the stronger memories.
 */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener({
  name: "heap",
  memories: [HEAP_PROVIDER],
});
