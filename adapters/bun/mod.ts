/**
 * Lethe on Bun.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
