/**
 * Secret memory in workerd.
 *
 * @module
 */
import { type OpenSecrets, secretsOpener } from "../../core/open_secrets.ts";
import { heapRuntime } from "../web/heap_runtime.ts";

export * from "../../core/door.ts";

// Bundlers drop what a page does not import, but for a call only when it is marked as pure.

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(
  /* @__PURE__ */ heapRuntime("workerd", {
    kind: "workerd",
    taken: '"lethe" by the condition "workerd"',
  }),
);
