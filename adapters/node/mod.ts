/**
 * Lethe on Node.js 22 and newer.
 *
 * @module
 */
export * from "../../core/mod.ts";
export type {
  AtRest,
  Custodian,
  CustodianEnd,
  CustodianOptions,
  CustodianPrompt,
  CustodianReport,
  CustodianStatus,
  GenerateOptions,
  OpenCustodian,
  PasswordCost,
  PasswordHash,
  SecretPolicy,
  SecretStatus,
  SecretType,
  StatusOptions,
} from "../custodian/mod.ts";
export type {
  Hardening,
  HardeningName,
  HardeningOptions,
  HardeningStep,
  HardenProcess,
} from "../hardening/mod.ts";
export type {
  Argon2Cost,
  KeyFileOptions,
  KeyFileReport,
  KeyFiles,
  KeyFilesOptions,
  KeyFileTrust,
  KeyOf,
  KeyPair,
  KeyShape,
  KeyType,
  OpenKeyFiles,
  ReadKeyOptions,
  RotateKeyOptions,
  Rotation,
  SealKeyOptions,
} from "../key_files/mod.ts";
export { type WipeOnExitOptions, wipeOnExit } from "../shutdown/mod.ts";
export type { PromptOptions, PromptSecret } from "../terminal/mod.ts";
export { openCustodian } from "./custodian.ts";
export { hardenProcess } from "./hardening.ts";
export { openKeyFiles } from "./key_files.ts";
export { promptSecret } from "./prompt.ts";
export { openCrypto, openSecrets, runtime } from "./runtime.ts";
