/**
 * The types of what servers have beside core, the same in every entry: a tool for types that knows no
 * runtime resolves `lethe` to any of them.
 *
 * @module
 */
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
export type { WipeOnExit, WipeOnExitOptions } from "../shutdown/mod.ts";
export type { PromptOptions, PromptSecret } from "../terminal/mod.ts";
