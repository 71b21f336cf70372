import {
  kernelKeyringOpener,
  type OpenKernelKeyring,
  type OpenSecretService,
  secretServiceOpener,
} from "../../features/keyrings/mod.ts";
import { denoFfi } from "./ffi.ts";
import { openExecSource } from "./sources.ts";

/** Opens a keyring of the Linux kernel as a source, as {@link OpenKernelKeyring} says. */
export const openKernelKeyring: OpenKernelKeyring = kernelKeyringOpener(denoFfi);

/** Opens the session's Secret Service as a source, as {@link OpenSecretService} says. */
export const openSecretService: OpenSecretService = secretServiceOpener(denoFfi, openExecSource);
