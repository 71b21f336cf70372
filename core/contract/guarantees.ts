/**
 * The properties that a memory can promise, one word each.
 *
 * | name | what holds |
 * |---|---|
 * | `detached-views` | a view that outlives its scope has length 0 |
 * | `wiped-on-destroy` | the bytes are zero before `destroy()` returns |
 * | `wiped-when-collected` | a secret dropped without `destroy()` is wiped when it is collected |
 * | `wiped-on-exit` | live secrets are wiped on the ways a process can end that it can observe |
 * | `off-heap` | the garbage collector never moves or copies the bytes |
 * | `access-trap` | touching a secret at rest kills the process |
 * | `write-trap` | writing to a secret that is only exposed kills the process |
 * | `guard-pages` | running past the end of a secret kills the process |
 * | `canary` | damage just before the first byte is found on destroy |
 * | `locked` | the pages are never written to swap |
 * | `no-dump` | the pages are not part of a core dump |
 * | `no-fork` | a forked child does not inherit the pages |
 * | `hidden` | not readable through `/proc/PID/mem` or ptrace, not even by root |
 * | `isolated` | another process holds the secret |
 */
export const GUARANTEE_NAMES = [
  "detached-views",
  "wiped-on-destroy",
  "wiped-when-collected",
  "wiped-on-exit",
  "off-heap",
  "access-trap",
  "write-trap",
  "guard-pages",
  "canary",
  "locked",
  "no-dump",
  "no-fork",
  "hidden",
  "isolated",
] as const;

/** One property of {@link GUARANTEE_NAMES}. */
export type GuaranteeName = (typeof GUARANTEE_NAMES)[number];

/** How far a memory goes for a property. Only `enforced` satisfies a `require`. */
export type GuaranteeLevel = "enforced" | "best-effort" | "none";

/**
 * A property, how far it is kept, and why that may be believed.
 *
 * `verified` is true only where this machine was asked and its answer read (the kernel's own
 * tables, a probe that ran), never because a call returned success. `evidence` says what was read,
 * or, when unverified, why nothing could be.
 */
export interface Guarantee {
  /** How far the memory promises it. */
  readonly level: GuaranteeLevel;
  /** Whether it was checked on this machine. */
  readonly verified: boolean;
  /** What was read, or why it was not checked. */
  readonly evidence: string;
}

/** Every property with its level and its evidence. */
export type Guarantees = Readonly<Record<GuaranteeName, Guarantee>>;

/**
 * A guarantee that is enforced, and was checked on this machine.
 *
 * @param evidence what was read, and where; it never throws
 *
 * @example
 * ```ts
 * import { verified } from "lethe/memory";
 *
 * verified("VmFlags of its pages have dd").level; // "enforced"
 * ```
 */
export function verified(evidence: string): Guarantee {
  return Object.freeze({ level: "enforced", verified: true, evidence });
}

/**
 * A guarantee that was not checked here, with the reason.
 *
 * @param reason why it was not checked; it never throws
 *
 * @example
 * ```ts
 * import { unverified } from "lethe/memory";
 *
 * unverified("best-effort", "nothing here reads /proc/self/smaps").verified; // false
 * ```
 */
export function unverified(level: "enforced" | "best-effort", reason: string): Guarantee {
  return Object.freeze({ level, verified: false, evidence: reason });
}

/**
 * A guarantee that is not given, with the reason.
 *
 * @param reason why it is not given; it never throws
 *
 * @example
 * ```ts
 * import { notGiven } from "lethe/memory";
 *
 * notGiven("this memory has no guard pages").level; // "none"
 * ```
 */
export function notGiven(reason: string): Guarantee {
  return Object.freeze({ level: "none", verified: false, evidence: reason });
}

/**
 * Completes a partial table: what it does not name is not given.
 *
 * @returns all of {@link GUARANTEE_NAMES}; it never throws
 *
 * @example
 * ```ts
 * import { guarantees, verified } from "lethe/memory";
 *
 * const table = guarantees({ locked: verified("VmLck grew by 4096 bytes") });
 * console.log(table.canary.level); // "none"
 * ```
 */
export function guarantees(given: Partial<Guarantees>): Guarantees {
  // Own properties alone: a polluted `Object.prototype` must not promise anything.
  const own = (name: GuaranteeName) => (Object.hasOwn(given, name) ? given[name] : undefined);
  const rows = GUARANTEE_NAMES.map((name) => [name, own(name) ?? NOTHING] as const);
  return Object.freeze(Object.fromEntries(rows)) as Guarantees;
}

const NOTHING = notGiven("this memory does not offer it");
