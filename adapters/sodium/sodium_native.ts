import { createRequire } from "node:module";
import { LetheError } from "../../core/mod.ts";

/** What sodium-native's memory functions take: they read nothing but its buffer. */
export interface Allocation {
  readonly buffer: ArrayBuffer;
  /** `sodium_free` ignores what does not carry this mark. */
  readonly secure: true;
}

/** The part of sodium-native 5 that Lethe uses, as it is called. */
export interface SodiumNative {
  /** @param byteLength 0 to 2^32 - 1; aborts the process when libsodium has no memory */
  sodium_malloc(byteLength: number): { readonly buffer: ArrayBuffer };
  /** Detaches the buffer at once; the memory is given back when the event loop turns. */
  sodium_free(allocation: Allocation): void;
  sodium_mprotect_noaccess(allocation: Allocation): void;
  sodium_mprotect_readonly(allocation: Allocation): void;
  sodium_mprotect_readwrite(allocation: Allocation): void;
  randombytes_buf(bytes: Uint8Array): void;
}

/**
 * Loads the optional dependency, synchronously.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it is not installed or does not load here. The
 * message of the loader is not repeated: it lists paths of the machine, not reasons
 */
export function loadSodiumNative(): SodiumNative {
  const require = createRequire(import.meta.url);
  try {
    return require("sodium-native") as SodiumNative;
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    const reason =
      code === "MODULE_NOT_FOUND"
        ? "sodium-native is not installed; install it with npm install sodium-native"
        : "sodium-native is installed but does not load on this platform; use another memory";
    throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open sodium memory: ${reason}`);
  }
}
