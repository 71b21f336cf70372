/**
 * What `lethe` is to a tool that knows no runtime. A type checker finds here what all of them have; a program
 * that runs with it on a server has the memory of a page, and reads why in `passedOver`.
 *
 * @module
 */
import { type OpenSecrets, type Runtime, secretsOpener } from "../../core/mod.ts";
import type { EntryHere } from "../../system/misplaced.ts";
import { heapRuntime } from "./heap_runtime.ts";
import { serverOnly, serverOnlyAsync } from "./server_only.ts";
import type {
  HardenProcess,
  OpenCustodian,
  OpenKeyFiles,
  PromptSecret,
  WipeOnExit,
} from "./types.ts";

export * from "../../core/mod.ts";
export * from "../../features/crypto/mod.ts";
export * from "../../features/enclave/mod.ts";
export type * from "./types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe" by the condition "default"',
};

// Bundlers drop what a page does not import, but for a call only when it is marked as pure.

/** What this runtime has: see `lethe/node`, `lethe/deno`, `lethe/bun`, `lethe/web`, `lethe/workerd`. */
export const runtime: Runtime = /* @__PURE__ */ heapRuntime("web", ENTRY);

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
export const openSecrets: OpenSecrets = /* @__PURE__ */ secretsOpener(runtime);

/**
 * Starts a process that holds secrets for this one: on Node.js, Deno and Bun. See docs/custodian.md.
 *
 * @example
 * ```ts
 * import { openCustodian } from "lethe";
 *
 * const custodian = await openCustodian();
 * await custodian.generate("api key", "key", { mayLeave: true });
 * const length = await custodian.expose("api key", (bytes) => bytes.length); // 32
 * await custodian.close();
 * ```
 */
export const openCustodian: OpenCustodian = /* @__PURE__ */ serverOnlyAsync(
  "open custodian",
  ENTRY,
);

/**
 * Opens key files, on Node.js, Deno and Bun: made with mode 0400, read straight into secret memory, and by
 * default fatal to misuse. See {@link KeyFiles} for what is promised and what is not.
 *
 * @example
 * ```ts
 * import { openKeyFiles, openSecrets } from "lethe";
 *
 * const keys = openKeyFiles(openSecrets());
 * keys.create("/var/lib/app/key", 32).destroy();
 * const key = keys.read("/var/lib/app/key", 32);
 * key.destroy();
 * ```
 */
export const openKeyFiles: OpenKeyFiles = /* @__PURE__ */ serverOnly("open key files", ENTRY);

/**
 * Asks for a secret on the terminal, on Node.js, Deno and Bun, and gives it as UTF-8 without the end of the
 * line; where there is no terminal, it reads one line of standard input. See docs/prompt.md.
 *
 * @example
 * ```ts
 * import { openSecrets, promptSecret } from "lethe";
 *
 * const secrets = openSecrets();
 * const password = await promptSecret(secrets, "Password: ");
 * password.expose((bytes) => bytes.length);
 * password.destroy();
 * ```
 */
export const promptSecret: PromptSecret = /* @__PURE__ */ serverOnlyAsync("prompt", ENTRY);

/**
 * Wipes every live secret before this process ends, on Node.js, Deno and Bun. See docs/shutdown.md.
 *
 * @example
 * ```ts
 * import { openSecrets, wipeOnExit } from "lethe";
 *
 * const secrets = openSecrets();
 * wipeOnExit(secrets); // signals, exceptions, exit
 * ```
 */
export const wipeOnExit: WipeOnExit = /* @__PURE__ */ serverOnly("wipe on exit", ENTRY);

/**
 * Makes this process harder to look into, on Node.js, Deno and Bun. See docs/shutdown.md.
 *
 * @example
 * ```ts
 * import { hardenProcess } from "lethe";
 *
 * const hardening = hardenProcess({ require: ["core-limit"] });
 * hardening["not-dumpable"]; // { outcome, verified, evidence }
 * ```
 */
export const hardenProcess: HardenProcess = /* @__PURE__ */ serverOnly("harden process", ENTRY);
