/**
 * Lethe on Deno 2.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
