/**
 * What `lethe/prompt` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { PromptSecret } from "../../../features/prompt/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnlyAsync } from "../server_only.ts";

export type * from "../../../features/prompt/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/prompt" by a condition for the web',
};

/**
 * Asks for a secret on the terminal, on Node.js, Deno and Bun, and gives it as UTF-8 without the end of the
 * line; where there is no terminal, it reads one line of standard input. See docs/prompt.md.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { promptSecret } from "lethe/prompt";
 *
 * const secrets = openSecrets();
 * const password = await promptSecret(secrets, "Password: ");
 * password.expose((bytes) => bytes.length);
 * password.destroy();
 * ```
 */
export const promptSecret: PromptSecret = /* @__PURE__ */ serverOnlyAsync("prompt", ENTRY);
