/**
 * The types of a custodian, which compile without those of Node.js.
 *
 * @module
 */
export type { Custodian } from "./client/custodian.ts";
export type {
  CustodianEnd,
  CustodianPrompt,
  DecryptOptions,
  DeriveOptions,
  GenerateKeyPairOptions,
  GenerateOptions,
  PutOptions,
  SignOptions,
  StatusOptions,
} from "./client/custodian_options.ts";
export type { OpenCustodian } from "./open_custodian.ts";
export type { CustodianOptions } from "./options.ts";
export type { AtRest, CustodianHardening, CustodianReport, CustodianStatus } from "./report.ts";
export type { SecretStatus, SecretType } from "./vault/entry.ts";
export type { KeyPairType, KeyPlace } from "./vault/key_pair_types.ts";
export type { SecretPolicy } from "./vault/policy.ts";
