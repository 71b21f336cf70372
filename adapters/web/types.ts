/**
 * The types of what servers have beside core, the same in every entry: a tool for types that knows no
 * runtime resolves `lethe` to any of them.
 *
 * @module
 */
// From the files that declare them: a program without the types of Node.js compiles with these.
export type {
  Custodian,
  CustodianEnd,
  CustodianPrompt,
  GenerateOptions,
  PasswordCost,
  PasswordHash,
  StatusOptions,
} from "../../features/custodian/client/custodian.ts";
export type { OpenCustodian } from "../../features/custodian/open_custodian.ts";
export type { CustodianOptions } from "../../features/custodian/options.ts";
export type { AtRest, CustodianReport, CustodianStatus } from "../../features/custodian/report.ts";
export type { SecretPolicy } from "../../features/custodian/vault/policy.ts";
export type { SecretStatus, SecretType } from "../../features/custodian/vault/vault.ts";
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
} from "../../features/key_files/mod.ts";
export type {
  Hardening,
  HardeningName,
  HardeningOptions,
  HardeningStep,
  HardenProcess,
} from "../../features/process/hardening/mod.ts";
export type {
  WipeOnExit,
  WipeOnExitOptions,
} from "../../features/process/shutdown/wipe_on_exit.ts";
export type { PromptOptions, PromptSecret } from "../../features/prompt/mod.ts";
