import {
  cryptoOpener,
  HEAP_OFFER,
  type OpenCrypto,
  type OpenSecrets,
  type Runtime,
  secretsOpener,
} from "../../core/mod.ts";

// Bundlers drop what a page does not import, but for a call only when it is marked as pure.

/** What browsers have: best-effort memory, and no way to abort. */
export const runtime: Runtime = { name: "web", memories: [HEAP_OFFER] };

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(runtime);

/** Opens crypto over secrets, with the engine that it is given: it loads none by itself. */
export const openCrypto: OpenCrypto = /* @__PURE__ */ cryptoOpener(runtime);
