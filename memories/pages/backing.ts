import type { Call } from "./causes.ts";
import type { Kernel } from "./kernel.ts";

/** Why a slot does not have what its memory promises at most. An absent reason: it does. */
export interface Weakness {
  readonly locked?: string;
  readonly "no-dump"?: string;
  readonly "no-fork"?: string;
}

/**
 * Why a slot cannot be used. After `protect` its pages are there, and with them nothing is known;
 * after `exhausted` no pages came, and the address space may have gone as well.
 */
export interface Refusal {
  readonly failed: "exhausted" | "protect";
  readonly reason: string;
}

/** What became of a slot. */
export type Commitment = { readonly weakness: Weakness | null } | Refusal;

/**
 * The pages under the slots of a memory.
 *
 * `commit` turns reserved address space into zero-filled pages without access, protected as far as
 * the system allows; what it could not do is in its answer. `mayLock` says that the budget grants
 * a lock. Slots are given back by mapping fresh reserved pages over them, the same for every kind.
 */
export interface Backing {
  readonly name: string;
  /** Whether a slot can do without a lock. */
  readonly needsLock: boolean;
  commit(kernel: Kernel, address: bigint, byteLength: bigint, mayLock: boolean): Commitment;
}

/** Anonymous pages, locked, kept out of dumps and forks, each by its own request. */
export const pages: Backing = {
  name: "pages",
  needsLock: false,
  commit(kernel, address, byteLength, mayLock) {
    // Locking brings the pages in, which takes access to them.
    if (!kernel.protect(address, byteLength, "read-write")) {
      return { failed: "protect", reason: kernel.explain("mprotect") };
    }
    const weakness: Weakness = {
      ...lock(kernel, address, byteLength, mayLock),
      ...excludeFromDump(kernel, address, byteLength),
      ...excludeFromFork(kernel, address, byteLength),
    };
    if (!kernel.protect(address, byteLength, "no-access")) {
      return { failed: "protect", reason: kernel.explain("mprotect") };
    }
    return { weakness: Object.keys(weakness).length === 0 ? null : weakness };
  },
};

/**
 * Pages of memfd_secret(2): taken out of the kernel's own map, so that neither root nor a debugger
 * reads them through it. Locked and kept out of dumps by the kernel, always. One descriptor per
 * slot, closed at once: no file holds two secrets, and each slot can be given back by itself.
 */
export const secretmem: Backing = {
  name: "secretmem",
  needsLock: true,
  commit(kernel, address, byteLength) {
    const refused = kernel.system.mapSecret(address, byteLength);
    if (refused !== null) {
      const { call, errno } = refused;
      return { failed: "exhausted", reason: kernel.explain(call, SUBJECTS[call], errno) };
    }
    // Shared pages: a child that inherited them could write into the parent. No WIPEONFORK for
    // them, so a refusal here leaves the slot without the guarantee.
    if (kernel.system.excludeFromFork(address, byteLength) === "done") return { weakness: null };
    return { weakness: { "no-fork": kernel.explain("madvise", "MADV_DONTFORK") } };
  },
};

/** What is asked of a call that anonymous pages make as well. */
const SUBJECTS: Partial<Record<Call, string>> = { mmap: "mmap of secret pages" };

function lock(kernel: Kernel, address: bigint, byteLength: bigint, mayLock: boolean): Weakness {
  const forbidden = kernel.filter.forbids("mlock");
  if (forbidden !== null) return { locked: forbidden };
  if (!mayLock) return { locked: kernel.limits.explainLocks() };
  return kernel.lock(address, byteLength) ? {} : { locked: kernel.explain("mlock") };
}

function excludeFromDump(kernel: Kernel, address: bigint, byteLength: bigint): Weakness {
  const outcome = kernel.system.excludeFromDump(address, byteLength);
  if (outcome === "done") return {};
  if (outcome === "unsupported") return { "no-dump": `${kernel.platform} has no such request` };
  return { "no-dump": kernel.explain("madvise", "MADV_DONTDUMP") };
}

function excludeFromFork(kernel: Kernel, address: bigint, byteLength: bigint): Weakness {
  if (kernel.system.excludeFromFork(address, byteLength) === "done") return {};
  const reason = kernel.explain("madvise", "MADV_DONTFORK");
  if (kernel.system.wipeInFork(address, byteLength) === "done") return {};
  return { "no-fork": `${reason}; and so was MADV_WIPEONFORK` };
}
