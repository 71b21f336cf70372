import type { MemoryOffer, SecretMemory } from "../../core/mod.ts";
import type { Ffi } from "./ffi.ts";
import type { Kernel } from "./kernel.ts";
import { openKernel, openPages, openSecretmem } from "./open.ts";

/**
 * The memories over a runtime's FFI, the strongest first. Each is opened once for the thread: its
 * pool serves all secrets there, and both count against one budget of mappings and lockable pages.
 *
 * @param ffi opens the runtime's FFI; called when a memory is asked for, not before
 */
export function posixOffers(ffi: () => Ffi): readonly MemoryOffer[] {
  const kernel = once(() => openKernel(ffi()));
  return [offer("secretmem", openSecretmem, kernel), offer("pages", openPages, kernel)];
}

function offer(
  name: string,
  open: (kernel: Kernel) => SecretMemory,
  kernel: () => Kernel,
): MemoryOffer {
  return { name, open: once(() => open(kernel())) };
}

/** Remembers what `make` gave. What it threw it may throw again, or give after all. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
