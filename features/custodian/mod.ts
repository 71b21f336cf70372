/**
 * A separate process that holds secrets, and the sealed channel to it.
 *
 * @module
 */
export { inheritedBunChannel } from "./channel/bun_channel.ts";
export { inheritedChannel } from "./channel/net_channel.ts";
export type {
  Custodian,
  CustodianEnd,
  CustodianPrompt,
  DeriveOptions,
  GenerateOptions,
  StatusOptions,
} from "./client/custodian.ts";
export { type ApplicationHost, custodianOpener, type OpenCustodian } from "./open_custodian.ts";
export type { CustodianOptions } from "./options.ts";
export type { AtRest, CustodianReport, CustodianStatus } from "./report.ts";
export { type CustodianHost, runCustodian } from "./server/run_custodian.ts";
export type { CustodianCommand } from "./start/mod.ts";
export type { SecretPolicy } from "./vault/policy.ts";
export type { SecretStatus, SecretType } from "./vault/vault.ts";
