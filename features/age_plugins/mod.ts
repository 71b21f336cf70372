/**
 * Keys of age plugins: any `age-plugin-*` program wraps and unwraps the keys of envelopes.
 *
 * @module
 */
import type { PluginPorts } from "./plugin_process.ts";
import { PluginKey } from "./plugin_wrapper.ts";
import type { UsePlugin } from "./types.ts";

export { ffiInputs, openHandleInput } from "./plugin_input.ts";
export type { PluginPorts } from "./plugin_process.ts";
export type { PluginOptions, PluginWrapper, UsePlugin } from "./types.ts";

/** {@link UsePlugin} over what a runtime binds. */
export function pluginsOver(ports: PluginPorts): UsePlugin {
  return (secrets, options) => new PluginKey(secrets, ports, options);
}
