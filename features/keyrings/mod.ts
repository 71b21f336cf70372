export { BunSecretsSource } from "./bun_secrets.ts";
export {
  type KernelKeyring,
  type KernelKeyringOptions,
  kernelKeyringOpener,
  type OpenKernelKeyring,
} from "./kernel_keyring.ts";
export {
  type OpenSecretService,
  type SecretService,
  type SecretServiceOptions,
  secretServiceOpener,
} from "./secret_service.ts";
