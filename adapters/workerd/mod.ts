/**
 * Lethe in workerd.
 *
 * @module
 */
import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import type { EntryHere } from "../../system/misplaced.ts";
import { heapRuntime } from "../web/heap_runtime.ts";
import { serverOnly, serverOnlyAsync } from "../web/server_only.ts";
import type {
  HardenProcess,
  OpenCustodian,
  OpenKeyFiles,
  PromptSecret,
  WipeOnExit,
} from "../web/types.ts";

export * from "../../core/mod.ts";
export * from "../../features/crypto/mod.ts";
export * from "../../features/enclave/mod.ts";
export type * from "../web/types.ts";

const ENTRY: EntryHere = {
  kind: "workerd",
  taken: "this entry",
};

// Bundlers drop what a worker does not import, but for a call only when it is marked as pure.

/** What workerd has: best-effort memory, and no way to abort. */
export const runtime: Runtime = /* @__PURE__ */ heapRuntime("workerd", ENTRY);

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(runtime);

/** Node.js, Deno and Bun have it. Here it is an `ERR_LETHE_UNAVAILABLE`. */
export const openCustodian: OpenCustodian = /* @__PURE__ */ serverOnlyAsync(
  "open custodian",
  ENTRY,
);

/** Node.js, Deno and Bun have it. Here it is an `ERR_LETHE_UNAVAILABLE`. */
export const openKeyFiles: OpenKeyFiles = /* @__PURE__ */ serverOnly("open key files", ENTRY);

/** Node.js, Deno and Bun have it. Here it is an `ERR_LETHE_UNAVAILABLE`. */
export const promptSecret: PromptSecret = /* @__PURE__ */ serverOnlyAsync("prompt", ENTRY);

/** Node.js, Deno and Bun have it. Here it is an `ERR_LETHE_UNAVAILABLE`. */
export const wipeOnExit: WipeOnExit = /* @__PURE__ */ serverOnly("wipe on exit", ENTRY);

/** Node.js, Deno and Bun have it. Here it is an `ERR_LETHE_UNAVAILABLE`. */
export const hardenProcess: HardenProcess = /* @__PURE__ */ serverOnly("harden process", ENTRY);
