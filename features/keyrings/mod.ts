export { BunSecretsSource } from "./bun_secrets.ts";
export type {
  KernelKeyring,
  KernelKeyringOptions,
  OpenKernelKeyring,
} from "./kernel_keyring.ts";
export { kernelKeyringOpener } from "./kernel_keyring_source.ts";
export {
  type OpenSecretService,
  type SecretService,
  type SecretServiceOptions,
  secretServiceOpener,
} from "./secret_service.ts";
