/**
 * What `lethe/process` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { HardenProcess, WipeOnExit } from "../../../features/process/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly } from "../server_only.ts";

export type * from "../../../features/process/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/process" by a condition for the web',
};

/**
 * Wipes every live secret before this process ends, on Node.js, Deno and Bun. See docs/shutdown.md.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { wipeOnExit } from "lethe/process";
 *
 * const secrets = openSecrets();
 * wipeOnExit(secrets); // signals, exceptions, exit
 * ```
 */
export const wipeOnExit: WipeOnExit = /* @__PURE__ */ serverOnly("wipe on exit", ENTRY);

/**
 * Makes the memory of this process harder to read, on Node.js, Deno and Bun. See docs/shutdown.md.
 *
 * @example
 * ```ts
 * import { hardenProcess } from "lethe/process";
 *
 * const hardening = hardenProcess({ require: ["core-limit"] });
 * hardening["not-dumpable"]; // { outcome, verified, evidence }
 * ```
 */
export const hardenProcess: HardenProcess = /* @__PURE__ */ serverOnly("harden process", ENTRY);
