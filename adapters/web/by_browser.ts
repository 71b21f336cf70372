/**
 * Lethe in pages and their workers: what `lethe` is under the condition `browser`.
 *
 * @module
 */
import { type OpenSecrets, secretsOpener } from "../../core/open_secrets.ts";
import { heapRuntime } from "./heap_runtime.ts";

export * from "../../core/door.ts";

// Bundlers drop what a page does not import, but for a call only when it is marked as pure.

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(
  /* @__PURE__ */ heapRuntime("web", { kind: "web", taken: '"lethe" by the condition "browser"' }),
);
