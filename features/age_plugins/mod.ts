/**
 * Keys of age plugins: any `age-plugin-*` program wraps and unwraps the keys of envelopes.
 *
 * @module
 */
import type { ProgramPipes } from "../programs/mod.ts";
import { PluginKey } from "./plugin_wrapper.ts";
import type { UsePlugin } from "./types.ts";

export type { PluginOptions, PluginWrapper, UsePlugin } from "./types.ts";

/** {@link UsePlugin} over the pipes of a runtime, opened when they are first needed. */
export function pluginsOver(openPipes: () => ProgramPipes): UsePlugin {
  return (secrets, options) => new PluginKey(secrets, openPipes, options);
}
