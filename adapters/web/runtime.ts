import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import { heapRuntime } from "./heap_runtime.ts";

// Bundlers drop what a page does not import, but for a call only when it is marked as pure.

/** What browsers have: best-effort memory, and no way to abort. */
export const runtime: Runtime = /* @__PURE__ */ heapRuntime("web", {
  kind: "web",
  taken: '"lethe/web"',
});

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(runtime);
