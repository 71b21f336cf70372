/**
 * Lethe in browsers.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
