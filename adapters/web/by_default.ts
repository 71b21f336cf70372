/**
 * What `lethe` is to a tool that knows no runtime. A type checker finds here what all of them have; a program
 * that runs with it on a server has the memory of a page, and reads why in `passedOver`.
 *
 * @module
 */
import { type OpenSecrets, secretsOpener } from "../../core/open_secrets.ts";
import { heapRuntime } from "./heap_runtime.ts";

export * from "../../core/door.ts";

// Bundlers drop what a page does not import, but for a call only when it is marked as pure.

/**
 * Opens secrets in the strongest memory that this runtime has and that can be taken unasked: `secretmem`,
 * `pages`, `sodium` or `heap`. The stronger ones that were not taken are in `passedOver`, with the reason.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 *
 * const secrets = openSecrets();
 * const key = secrets.random(32);
 * key.expose((bytes) => bytes.length); // 32, and readable nowhere else
 * key.destroy();
 * ```
 */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(
  /* @__PURE__ */ heapRuntime("web", { kind: "web", taken: '"lethe" by the condition "default"' }),
);
