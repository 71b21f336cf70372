/**
 * All of Lethe that Node.js has, in one module, for where a tool takes the wrong door. Programs take the doors:
 * `lethe`, `lethe/crypto`.
 *
 * @module
 */
export * from "../../core/mod.ts";
export { createSsh2Agent } from "../../features/agent/mod.ts";
export type * from "../../features/agent/types.ts";
export * from "../../features/crypto/mod.ts";
export type * from "../../features/custodian/types.ts";
export * from "../../features/enclave/mod.ts";
export type * from "../../features/key_files/types.ts";
export * from "../../features/keys/mod.ts";
export { wipeOnExit } from "../../features/process/shutdown/wipe_on_exit.ts";
export type * from "../../features/process/types.ts";
export type * from "../../features/prompt/types.ts";
export * from "../../features/sources/everywhere.ts";
export { HeapMemory } from "../../memories/heap/mod.ts";
export { openAgent } from "./agent.ts";
export { openCustodian } from "./custodian.ts";
export { hardenProcess } from "./hardening.ts";
export { openKeyFiles } from "./key_files.ts";
export { promptSecret } from "./prompt.ts";
export { openSecrets, runtime } from "./runtime.ts";
export {
  openDescriptorSource,
  openEnvironmentSource,
  openExecSource,
  openFileSource,
  readSecret,
} from "./sources.ts";
