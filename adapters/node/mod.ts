/**
 * Lethe on Node.js 22 and newer.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
