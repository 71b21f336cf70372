/**
 * Lethe in browsers.
 *
 * @module
 */
export * from "../../core/mod.ts";
export * from "../../features/crypto/mod.ts";
export * from "../../features/enclave/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
