/**
 * All of Lethe that browsers have, in one module. Programs take the doors: `lethe`, `lethe/crypto`.
 *
 * @module
 */
export * from "../../core/mod.ts";
export * from "../../features/crypto/mod.ts";
export * from "../../features/enclave/mod.ts";
export * from "../../features/keys/mod.ts";
export { HeapMemory } from "../../memories/heap/mod.ts";
export { openSecrets, runtime } from "./runtime.ts";
