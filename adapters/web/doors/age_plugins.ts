/**
 * What `lethe/age-plugins` is to a tool that knows no server runtime: an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { UsePlugin } from "../../../features/age_plugins/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly } from "../server_only.ts";

export type * from "../../../features/age_plugins/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/age-plugins" by a condition for the web',
};

/**
 * Makes a wrapper of a key that an age plugin holds: a token, a TPM, an agent. Each call of it starts the plugin, by its
 * absolute path and without a shell, and ends it. File key, identity and PIN go between secret memory and the pipes of the
 * plugin, and through no buffer of the runtime.
 *
 * @throws {TypeError | RangeError} for wrong options
 * @throws {LetheError} `ERR_LETHE_WRAPPER` when there is no such program, or somebody else could change it; its calls fail
 * with the same code
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { usePlugin } from "lethe/age-plugins";
 * import { openEnvelopes } from "lethe/envelopes";
 *
 * const secrets = openSecrets();
 * const recipient = "age1yubikey1qgya5u7euf8deze6n6esau3g3n8uka3y69yumvl4tsyfd82ndhyk53x9flc";
 * try {
 *   const token = usePlugin(secrets, { recipient });
 *   await openEnvelopes(secrets).seal(secrets.random(32), [token]);
 * } catch (error) {
 *   if (error instanceof TypeError) throw error;
 *   // there is no age-plugin-yubikey here
 * }
 * ```
 */
export const usePlugin: UsePlugin = /* @__PURE__ */ serverOnly("use plugin", ENTRY);
