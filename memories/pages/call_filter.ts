import { allowRemedy } from "./causes.ts";

/** The calls that a runtime does not make by itself, so that a filter may kill for them: of memories, and of keyrings. */
export type TriedCall = "memfd_secret" | "ftruncate" | "mlock" | "keyctl" | "add_key";

/** What became of a child process that made one call. */
export type Fate = { readonly end: "survived" } | { readonly end: "killed" } | UnknownFate;

interface UnknownFate {
  readonly end: "unknown";
  readonly reason: string;
}

/** What is asked of the system about its filter. */
export interface FilteredSystem {
  /** Whether a filter of system calls (seccomp) is active for this thread. Null: it cannot be read. */
  readonly filtered: boolean | null;
  /** Has a child process make a call. */
  tryInChild(call: TriedCall): Fate;
}

/**
 * Keeps memories from a call that would end the process.
 *
 * A filter of system calls (seccomp) that does not know a call may refuse it, or kill the process, and
 * nothing says beforehand which. So, while a filter is active, a call that the runtime has not made
 * itself is made by a child process first. Without a filter nothing is tried.
 *
 * - FILTER-1: a call that killed the child is not made here
 * - FILTER-2: a call whose child's end is unknown is made only for a caller who asked for that memory by name
 */
export class CallFilter {
  readonly #system: FilteredSystem;
  readonly #fates = new Map<TriedCall, Fate>();
  #named = false;

  constructor(system: FilteredSystem) {
    this.#system = system;
  }

  /** A memory was asked for by its name: who did that has allowed its calls. */
  trust(): void {
    this.#named = true;
  }

  /** Why a call must not be made, and what to do about it; null when it may be made. */
  forbids(call: TriedCall): string | null {
    const fate = this.#fateOf(call);
    if (fate.end === "killed") {
      return `a filter of system calls (seccomp) kills the process for ${call}, as it did a child that tried it; ${allowRemedy(call)}`;
    }
    if (fate.end === "survived" || this.#named) return null;
    return `a filter of system calls (seccomp) is active, and whether it kills the process for ${call} could not be tried: ${fate.reason}; ${allowRemedy(call)}, and ask for the memory by name`;
  }

  #fateOf(call: TriedCall): Fate {
    const known = this.#fates.get(call);
    if (known !== undefined) return known;
    const fate = this.#system.filtered === false ? SURVIVED : this.#system.tryInChild(call);
    this.#fates.set(call, fate);
    return fate;
  }
}

const SURVIVED: Fate = { end: "survived" };
