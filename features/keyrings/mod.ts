export {
  type KernelKeyring,
  type KernelKeyringOptions,
  kernelKeyringOpener,
  type OpenKernelKeyring,
} from "./kernel_keyring.ts";
