import { LetheError } from "../../core/contract/errors.ts";
import type { Ffi } from "../../system/ffi.ts";
import * as backings from "./backing.ts";
import { openDarwin } from "./darwin.ts";
import { GuardedMemory, type GuardedOptions } from "./guarded_memory.ts";
import type { Kernel } from "./kernel.ts";
import { openLinux } from "./linux.ts";

/**
 * Opens libc over a runtime's FFI. All memories of a thread are to be opened on the same kernel:
 * they share its budget.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when FFI or libc cannot be had, with the reason
 */
export function openKernel(ffi: Ffi): Kernel {
  if (ffi.platform === "linux") return openLinux(ffi);
  if (ffi.platform === "darwin") return openDarwin(ffi);
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open guarded pages: there are none for ${ffi.platform}`,
  );
}

/**
 * Guarded pages: locked, kept out of core dumps and forks as far as the system allows, and each
 * region says how far that is.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`, `ERR_LETHE_EXHAUSTED`, `ERR_LETHE_PROTECT`
 */
export function openPages(kernel: Kernel, options?: GuardedOptions): GuardedMemory {
  return new GuardedMemory(kernel, backings.pages, options);
}

/**
 * Guarded pages of memfd_secret(2), Linux 5.14 and newer: hidden from root and debuggers as well.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when the system refuses the first such page
 */
export function openSecretmem(kernel: Kernel, options?: GuardedOptions): GuardedMemory {
  if (kernel.platform !== "linux") {
    throw unavailable(`${kernel.platform} has no secret memory`);
  }
  const forbidden = kernel.filter.forbids("memfd_secret") ?? kernel.filter.forbids("ftruncate");
  if (forbidden !== null) throw unavailable(forbidden);
  try {
    return new GuardedMemory(kernel, backings.secretmem, options);
  } catch (error) {
    if (!(error instanceof LetheError) || error.code !== "ERR_LETHE_EXHAUSTED") throw error;
    throw unavailable(error.message);
  }
}

function unavailable(why: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open secretmem: ${why}`);
}
