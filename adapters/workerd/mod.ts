/**
 * Lethe in workerd.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
