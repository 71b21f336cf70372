/**
 * The types of keyrings, which compile without those of Node.js.
 *
 * @module
 */

export type { Land, ReadContext, SecretRecord, SecretSource } from "../sources/mod.ts";
export type {
  KernelKeyring,
  KernelKeyringOptions,
  OpenKernelKeyring,
} from "./kernel_keyring.ts";
export type { OpenSecretService, SecretService, SecretServiceOptions } from "./secret_service.ts";
