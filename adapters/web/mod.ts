/**
 * Lethe in browsers.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { openCrypto, openSecrets, runtime } from "./runtime.ts";
