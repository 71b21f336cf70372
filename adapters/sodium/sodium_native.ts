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
  try {
    const require = createRequire(import.meta.url);
    return require("sodium-native") as SodiumNative;
  } catch (error) {
    const code = (error as { code?: unknown } | null)?.code;
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot open sodium memory: ${REASON[String(code)] ?? BROKEN}`,
    );
  }
}

const REASON: Readonly<Record<string, string>> = {
  MODULE_NOT_FOUND: "sodium-native is not installed; install it with npm install sodium-native",
  // From createRequire: a module that came over the network has no node_modules.
  ERR_INVALID_ARG_VALUE:
    "sodium-native is found only beside a Lethe that is installed from npm, and this one was not loaded from a file",
};
const BROKEN = "sodium-native is installed but does not load on this platform; use another memory";
