import { LetheError } from "../../core/contract/errors.ts";
import type { Protection } from "../../core/contract/memory.ts";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi } from "../../system/ffi.ts";
import { type Libc, MAP_FAILED } from "../../system/libc.ts";
import { asciiText, type Mapping, MappingCollector, mappingAt } from "../../system/proc.ts";
import { CallFilter } from "./call_filter.ts";
import { type Call, explainRefusal } from "./causes.ts";
import type { KernelCalls, System } from "./kernel_calls.ts";
import { Ledger } from "./ledger.ts";
import { Limits } from "./limits.ts";
import { SweepTurn } from "./sweep_turn.ts";

/**
 * The operating system as the memories here see it: every call that can fail says so in its
 * result, and none of them throws. Requests in bytes take whole pages.
 */
export class Kernel implements KernelCalls {
  readonly pageSize: number;
  readonly system: System;
  /** What the process may still lock and map. One for all memories, so that they share it. */
  readonly limits: Limits;
  /** Where this thread keeps book of what another one may give back once it has ended. */
  readonly ledger: Ledger;
  /** Which calls a filter of system calls leaves to this process. */
  readonly filter: CallFilter;
  /** Which thread of the process sweeps. */
  readonly sweepTurn: SweepTurn;
  readonly #ffi: Ffi;
  readonly #libc: Libc;
  readonly #errno: Int32Array;

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when the page size cannot be had */
  constructor(ffi: Ffi, libc: Libc, system: System) {
    this.#ffi = ffi;
    this.#libc = libc;
    this.system = system;
    this.#errno = new Int32Array(ffi.viewAt(system.errno, 4));
    this.pageSize = Number(libc.sysconf(system.constants.SC_PAGESIZE));
    if (this.pageSize < 1024 || !Number.isInteger(Math.log2(this.pageSize))) {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open memory: page size is unknown");
    }
    this.limits = new Limits(this);
    this.ledger = new Ledger(this);
    this.filter = new CallFilter(system);
    this.sweepTurn = new SweepTurn(this);
  }

  get platform(): string {
    return this.#ffi.platform;
  }

  /** Address space without access, or null. */
  reserve(byteLength: number): bigint | null {
    const { PROT_NONE, MAP_PRIVATE, MAP_ANONYMOUS } = this.system.constants;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS;
    const address = this.#libc.mmap(0n, BigInt(byteLength), PROT_NONE, flags, -1, 0n);
    return address === MAP_FAILED ? null : address;
  }

  /** Puts fresh pages without access where others are, which are unlocked and given back by that. */
  replace(address: bigint, byteLength: bigint): boolean {
    const { PROT_NONE, MAP_PRIVATE, MAP_ANONYMOUS, MAP_FIXED } = this.system.constants;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    return this.#libc.mmap(address, byteLength, PROT_NONE, flags, -1, 0n) === address;
  }

  /**
   * What is at a slot after a {@link replace} or a `mapSecret` that failed. A failure may have left
   * a hole (Linux 6.18 does when memfd_secret meets RLIMIT_MEMLOCK), and then any thread of the
   * process may have mapped something there in the meantime.
   *
   * - `vacant`: address space without access that runs on into the guards on both sides
   * - `ours`: pages exactly as long as the slot that bear a mark of ours, see {@link isMarked}
   * - `unclear`: nobody can tell now, since the list of mappings cannot be read or the hole not be
   *   closed; asking again later may tell
   * - `foreign`: anything else; the address is never used again
   */
  inspect(address: bigint, byteLength: bigint): "vacant" | "ours" | "unclear" | "foreign" {
    if (this.system.plugHole(address, byteLength)) return "vacant";
    const end = address + byteLength;
    const here = mappingAt(this.mappings("smaps", address, end) ?? [], address);
    if (here === undefined) return "unclear";
    if (here.start < address && here.end > end && here.access.startsWith("---")) return "vacant";
    return here.start === address && here.end === end && isMarked(here) ? "ours" : "foreign";
  }

  unmap(address: bigint, byteLength: number): boolean {
    return this.#libc.munmap(address, BigInt(byteLength)) === 0;
  }

  protect(address: bigint, byteLength: bigint, protection: Protection): boolean {
    // Linux and macOS agree on these bits: none 0, read 1, read and write 3.
    const bits = protection === "no-access" ? 0n : protection === "read-only" ? 1n : 3n;
    return this.#libc.mprotect(address, byteLength, bits) === 0;
  }

  lock(address: bigint, byteLength: bigint): boolean {
    return this.#libc.mlock(address, byteLength) === 0;
  }

  zero(address: bigint, byteLength: bigint): void {
    this.#libc.memset(address, 0n, byteLength);
  }

  copy(to: bigint, from: bigint, byteLength: bigint): void {
    this.#libc.memcpy(to, from, byteLength);
  }

  equal(a: bigint, b: bigint, byteLength: bigint): boolean {
    return this.#libc.memcmp(a, b, byteLength) === 0;
  }

  viewAt(address: bigint, byteLength: number): ArrayBuffer {
    return this.#ffi.viewAt(address, byteLength);
  }

  /** The soft limit of locked memory in bytes, or null when it cannot be read. */
  lockLimit(): number | null {
    return softLimit(this.#libc, this.system.constants.RLIMIT_MEMLOCK);
  }

  /** The soft limits of address space and of data in bytes, or null where they cannot be read. */
  addressLimits(): readonly [number | null, number | null] {
    const { RLIMIT_AS, RLIMIT_DATA } = this.system.constants;
    return [softLimit(this.#libc, RLIMIT_AS), softLimit(this.#libc, RLIMIT_DATA)];
  }

  /**
   * The mappings of this process that touch a range, or null when they cannot be read.
   *
   * @param containing only those whose line contains it
   */
  mappings(
    file: "maps" | "smaps",
    from: bigint,
    to: bigint,
    containing?: string,
  ): readonly Mapping[] | null {
    const collector = new MappingCollector(from, to, containing);
    const whole = this.system.readFile(`/proc/self/${file}`, (piece) => collector.add(piece));
    return whole ? collector.found : null;
  }

  /** A small file as text, or null. */
  readText(path: string): string | null {
    let text = "";
    const whole = this.system.readFile(path, (piece) => {
      text += asciiText(piece);
    });
    return whole ? text : null;
  }

  /**
   * Why the call just before was refused, with the remedy. The number is right in every one of 60,000
   * failures provoked on Deno, Bun and Node, but a runtime may make system calls of its own in
   * between: it goes into messages, and no decision rests on it.
   *
   * @param subject what was asked for, where that says more than the call
   */
  explain(call: Call, subject?: string, errno: number = this.#errno[0] ?? 0): string {
    const { limits, system } = this;
    return explainRefusal(
      call,
      errno,
      {
        filtered: system.filtered,
        release: this.readText("/proc/sys/kernel/osrelease")?.trim() || null,
        lockLimit: this.lockLimit(),
        explainLocks: () => limits.explainLocks(),
        explainUsedUpMappings: () => limits.explainUsedUpMappings(),
        explainUsedUpAddresses: () => limits.explainUsedUpAddresses(),
      },
      subject,
    );
  }

  /** The error of the call just before, for what explains itself: see {@link explain}. */
  errnoName(): string {
    const code = this.#errno[0] ?? 0;
    return ERRNO_NAMES[code] ?? `errno ${code}`;
  }
}

/** The soft limit of a resource (getrlimit(2)), or null when it cannot be read. */
export function softLimit(libc: Pick<Libc, "getrlimit">, resource: number): number | null {
  const pair = new BigUint64Array(2);
  const bytes = new Uint8Array(pair.buffer);
  if (libc.getrlimit(resource, bytes) !== 0) return null;
  // "Unlimited" is 2^64 - 1 on Linux and 2^63 - 1 on macOS; no machine has either.
  return pair[0] === undefined || pair[0] >= 2n ** 62n ? Infinity : Number(pair[0]);
}

/**
 * Whether pages were kept out of dumps or forks, or come from memfd_secret: next to nothing else in a
 * process is, and nothing at all that is as long as a slot and at its address. A lock is not a mark: a
 * program that called mlockall(2) has it everywhere.
 */
export function isMarked({ name, flags }: Mapping): boolean {
  return name.startsWith("/secretmem") || MARKS.some((mark) => flags.includes(mark));
}
const MARKS: readonly string[] = ["dd", "dc", "wf"];
