/**
 * All of Lethe that workerd has, in one module. Programs take the doors: `lethe`, `lethe/crypto`.
 *
 * @module
 */
import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { heapRuntime } from "../web/heap_runtime.ts";

export * from "../../core/mod.ts";
export * from "../../features/crypto/mod.ts";
export * from "../../features/enclave/mod.ts";
export * from "../../features/keys/mod.ts";
export { HeapMemory } from "../../memories/heap/mod.ts";

// Bundlers drop what a worker does not import, but for a call only when it is marked as pure.

/** What workerd has: best-effort memory, and no way to abort. */
export const runtime: Runtime = /* @__PURE__ */ heapRuntime("workerd", {
  kind: "workerd",
  taken: '"lethe/workerd"',
});

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(runtime);
