import { HEAP_OFFER, type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";

/** What workerd has: best-effort memory, and no way to abort. */
export const runtime: Runtime = { name: "workerd", memories: [HEAP_OFFER] };

/** Opens secrets in heap memory. `onMisuse: "crash"` destroys every secret and then throws. */
export const openSecrets: OpenSecrets = secretsOpener(runtime);
