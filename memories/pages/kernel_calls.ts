import type { Protection } from "../../core/contract/memory.ts";
import type { Constants } from "../../system/constants.ts";
import type { Mapping, Thread } from "../../system/proc.ts";
import type { FilteredSystem } from "./call_filter.ts";
import type { Call } from "./causes.ts";

/** What an optional request came to. `unsupported`: this system has no such request. */
export type Outcome = "done" | "refused" | "unsupported";

/** A call that was refused, in a request that takes several. */
export interface Refused {
  readonly call: Call;
  readonly errno: number;
}

/** The requests that Linux and macOS make in different ways. */
export interface System extends FilteredSystem {
  readonly constants: Constants;
  /** Address of this thread's errno. */
  readonly errno: bigint;
  random(bytes: Uint8Array<ArrayBuffer>): boolean;
  excludeFromDump(address: bigint, byteLength: bigint): Outcome;
  excludeFromFork(address: bigint, byteLength: bigint): Outcome;
  wipeInFork(address: bigint, byteLength: bigint): Outcome;
  /** Maps fresh secret pages over what is mapped there. Null: done. */
  mapSecret(address: bigint, byteLength: bigint): Refused | null;
  /** Reserves these pages if nobody has them. */
  plugHole(address: bigint, byteLength: bigint): boolean;
  /**
   * Hands every piece of a file to `use`, until that says false: it has enough. False: it could not be read
   * as far as that.
   */
  readFile(path: string, use: (piece: Uint8Array<ArrayBuffer>) => unknown): boolean;
  /** Reads this process from outside, as a debugger would: how many bytes came, -1 for an error. */
  readAsDebugger(address: bigint, into: Uint8Array<ArrayBuffer>): number;
  /** The thread that calls, or null when it cannot be told from others. */
  thread(): Thread | null;
  /** Whether a thread of this process has ended. False as well when that cannot be told. */
  hasEnded(thread: Thread): boolean;
}

/** What the books of a kernel call: its limits, its ledger and its turn to sweep. */
export interface KernelCalls {
  readonly pageSize: number;
  readonly platform: string;
  readonly system: System;
  /** Address space without access, or null. */
  reserve(byteLength: number): bigint | null;
  unmap(address: bigint, byteLength: number): boolean;
  protect(address: bigint, byteLength: bigint, protection: Protection): boolean;
  viewAt(address: bigint, byteLength: number): ArrayBuffer;
  /** The soft limit of locked memory in bytes, or null when it cannot be read. */
  lockLimit(): number | null;
  /** The soft limits of address space and of data in bytes, or null where they cannot be read. */
  addressLimits(): readonly [number | null, number | null];
  /** The mappings of this process that touch a range, or null when they cannot be read. */
  mappings(file: "maps" | "smaps", from: bigint, to: bigint): readonly Mapping[] | null;
  /** A small file as text, or null. */
  readText(path: string): string | null;
}
