import { LINUX_CAP_IPC_LOCK } from "../../system/constants.ts";
import { capabilities, kibibytes } from "../../system/proc.ts";
import type { KernelCalls } from "./kernel_calls.ts";
import { Meter, type Reading } from "./meter.ts";

/** What a process on Linux may map unless somebody changed it; used when the truth is unreadable. */
const USUAL_MAX_MAP_COUNT = 65530;
/** Runtimes map and unmap all the time, and die when they cannot. */
const SMALLEST_MAPPING_RESERVE = 1024;

/** A request for one mapping may split three. */
const FEW_MAPPINGS = 4;
/** More than most requests here take at once. */
const LARGE_REQUEST: number = 2 ** 23;
const MORE_MAPPINGS =
  "raise it with sysctl vm.max_map_count, or seal secrets that are idle" as const;

const NEWLINE = 10;

/** What this process may still lock and map, for all memories that were opened on one kernel. */
export class Limits {
  /** Bytes of locked memory. */
  readonly locks: Meter;
  /** Mappings of the process. */
  readonly mappings: Meter;
  readonly #kernel: KernelCalls;
  // CAP_IPC_LOCK lifts the limit, but a root of a user namespace has the bit and not the power.
  #liftable = true;
  #own = 0;

  constructor(kernel: KernelCalls) {
    this.#kernel = kernel;
    this.locks = new Meter(() => this.#readLocks(), kernel.pageSize);
    this.mappings = new Meter(() => this.#readMappings(), SMALLEST_MAPPING_RESERVE);
  }

  /** Grants the lock of so many bytes, or refuses. */
  takeLock(byteLength: number): boolean {
    if (!this.locks.take(byteLength)) return false;
    this.#own += byteLength;
    return true;
  }

  giveLock(byteLength: number): void {
    this.#own -= byteLength;
    this.locks.give(byteLength);
  }

  /** A lock that was granted here was refused by the system: whatever lifted the limit does not. */
  lockWasRefused(byteLength: number): void {
    this.giveLock(byteLength);
    this.#liftable = false;
    this.locks.forget();
  }

  /** The state of locked memory in words, with the remedy. */
  explainLocks(): string {
    const { limit, used } = this.locks.last;
    if (limit === Infinity) return "the system refused to lock more memory";
    const reserve = this.locks.reserve(limit);
    return `RLIMIT_MEMLOCK is ${limit} bytes, ${used} are in use and the last ${reserve} are left to others; raise it with ulimit -l, LimitMEMLOCK= (systemd) or --ulimit memlock (containers)`;
  }

  /** The state of mappings in words, with the remedy. */
  explainMappings(): string {
    const { limit, used } = this.mappings.last;
    if (limit === Infinity) return "the system refused to map more memory";
    const reserve = this.mappings.reserve(limit);
    return `vm.max_map_count is ${limit}, ${used} mappings are in use and the last ${reserve} are left to others; ${MORE_MAPPINGS}`;
  }

  /** The state of mappings in words, with the remedy, when the process has no more of them. */
  explainUsedUpMappings(): string | null {
    const { limit, used } = this.#readMappings();
    if (used + FEW_MAPPINGS < limit) return null;
    return `vm.max_map_count is ${limit}, and ${used} mappings are in use; ${MORE_MAPPINGS}`;
  }

  /** The limit of address space, or of data, when the process has reached it, with the remedy. */
  explainUsedUpAddresses(): string | null {
    const status = this.#kernel.readText("/proc/self/status");
    const [space, data] = this.#kernel.addressLimits();
    for (const [name, limit, field, option] of [
      ["RLIMIT_AS", space, "VmSize", "-v"],
      ["RLIMIT_DATA", data, "VmData", "-d"],
    ] as const) {
      if (limit === null || limit === Infinity) continue;
      const used = status === null ? null : kibibytes(status, field);
      if (used !== null && used * 1024 + LARGE_REQUEST < limit) continue;
      const state = used === null ? "" : ` and ${used * 1024} are in use`;
      return `${name} is ${limit} bytes${state}; raise it with ulimit ${option}`;
    }
    return null;
  }

  #readLocks(): Reading {
    const limit = this.#kernel.lockLimit() ?? Infinity;
    if (limit === Infinity) return { limit, used: 0 };
    const status = this.#kernel.readText("/proc/self/status");
    if (status === null) return { limit, used: this.#own };
    const lifted = (capabilities(status) >> LINUX_CAP_IPC_LOCK) & 1n;
    if (lifted === 1n && this.#liftable) return { limit: Infinity, used: 0 };
    return { limit, used: (kibibytes(status, "VmLck") ?? 0) * 1024 };
  }

  #readMappings(): Reading {
    if (this.#kernel.platform !== "linux") return { limit: Infinity, used: 0 };
    const text = this.#kernel.readText("/proc/sys/vm/max_map_count");
    const limit = text === null ? USUAL_MAX_MAP_COUNT : Number.parseInt(text, 10);
    let used = 0;
    this.#kernel.system.readFile("/proc/self/maps", (piece) => {
      for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) used++;
    });
    return { limit, used };
  }
}
