import { LetheError, type MemoryProvider, type SecretMemory } from "../../core/mod.ts";
import type { Ffi } from "../../system/ffi.ts";
import type { Kernel } from "./kernel.ts";
import { openKernel, openPages, openSecretmem } from "./open.ts";

/**
 * The memories over a runtime's FFI, the strongest first. Each is opened once for the thread: its
 * pool serves all secrets there, and both count against one budget of mappings and lockable pages.
 *
 * @param ffi opens the runtime's FFI; called when a memory is asked for, not before
 * @param others memories that come after these and lock pages too: each is kept from doing that where
 * a filter of system calls kills for it
 */
export function providePosixMemories(
  ffi: () => Ffi,
  others: readonly MemoryProvider[] = [],
): readonly MemoryProvider[] {
  const kernel = once(() => openKernel(ffi()));
  return [
    provider("secretmem", openSecretmem, kernel),
    provider("pages", openPages, kernel),
    ...others.map((other) => mindful(other, kernel)),
  ];
}

function provider(
  name: string,
  open: (kernel: Kernel) => SecretMemory,
  kernel: () => Kernel,
): MemoryProvider {
  const opened = once(() => open(kernel()));
  return {
    name,
    open(asked) {
      if (asked === "by-name") kernel().filter.trust();
      return opened();
    },
  };
}

/** Another memory, unless a filter kills for mlock(2). Without FFI that cannot be tried here. */
function mindful({ name, open }: MemoryProvider, kernel: () => Kernel): MemoryProvider {
  return {
    name,
    open(asked) {
      const filter = attempt(kernel)?.filter;
      if (asked === "by-name") filter?.trust();
      const forbidden = filter?.forbids("mlock") ?? null;
      if (forbidden === null) return open(asked);
      throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open ${name} memory: ${forbidden}`);
    },
  };
}

function attempt<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null; // The providers of these memories say why.
  }
}

/** Remembers what `make` gave. What it threw it may throw again, or give after all. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
