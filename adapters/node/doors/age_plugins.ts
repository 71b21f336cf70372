/**
 * Keys of age plugins, on Node.js.
 *
 * @module
 */
export type * from "../../../features/age_plugins/types.ts";
export { usePlugin } from "../age_plugins.ts";
