import { optional } from "../arguments/own.ts";
import type { Repeat } from "../globals.ts";
import type { Abort } from "../registry.ts";
import type { EngineProvider } from "./engine.ts";
import type { SecretMemory } from "./memory.ts";

/**
 * A memory that a runtime may have. Opening it costs nothing until it is asked for.
 *
 * @example
 * ```ts
 * import { runtime } from "lethe/memory";
 *
 * for (const provider of runtime.memories) {
 *   console.log(provider.name, provider.declines?.() ?? "is taken when it opens");
 *   if (provider.name === "heap") provider.open().allocate(32).release();
 * }
 * ```
 */
export interface MemoryProvider {
  /** The name, as `memory` of `openSecrets` takes it. */
  readonly name: string;
  /**
   * Why `auto` should rather not take this memory, or null. Such a memory is taken when it is asked for: by
   * its name, or by a guarantee in `require` that no willing one gives. Else it comes just before the last
   * resort, `heap`. Costs nothing: it loads nothing that `open` would.
   *
   * @returns the reason; it never throws
   */
  declines?(): string | null;
  /**
   * Opens the memory.
   *
   * @param asked `"by-name"` when the caller named this memory, and so takes its risks: a filter of
   * system calls that may end the process for one that the memory makes
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason, when it is not available here
   */
  open(asked?: "by-name"): SecretMemory;
}

/** What an adapter tells the core about its runtime. */
export interface Runtime {
  /** `node`, `deno`, `bun`, `web` or `workerd`. */
  readonly name: string;
  /** The strongest first, and `heap`, the last resort, at the end. `memory: "auto"` goes by this order. */
  readonly memories: readonly MemoryProvider[];
  /** The engines that it can load by itself, the best first. */
  readonly engines?: readonly EngineProvider[];
  /** Ends the process at once, for `onMisuse: "crash"`; absent where a runtime cannot. */
  readonly abort?: Abort;
  /** How it does something again and again. Default: by its own timers. */
  readonly repeat?: Repeat;
}

/** Why a stronger memory was not taken: it cannot be opened here, lacks what is required, or declines. */
export interface PassedOver {
  /** The name of the memory. */
  readonly memory: string;
  /** Why it was not taken, and how to get it. */
  readonly reason: string;
}

/** The engines that a runtime can load by itself. */
export function enginesOf(runtime: Pick<Runtime, "engines">): readonly EngineProvider[] {
  return optional(runtime, "engines") ?? [];
}
