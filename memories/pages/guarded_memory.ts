import { optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { type Guarantees, guarantees, notGiven } from "../../core/contract/guarantees.ts";
import type { Capacity, Protection, Region, SecretMemory } from "../../core/contract/memory.ts";
import { attest } from "./attest.ts";
import type { Backing, Weakness } from "./backing.ts";
import type { Kernel } from "./kernel.ts";
import { protectAll } from "./neighbours.ts";
import { Pool } from "./pool.ts";
import { Reference } from "./reference.ts";
import { GuardedRegion, type RegionContext } from "./region.ts";
import type { PageSlot } from "./reservation.ts";
import { sweep } from "./sweep.ts";

/** How a memory is opened. */
export interface GuardedOptions {
  /** Bytes of wiped pages kept for the next regions; two mebibytes, or a quarter of a smaller limit. */
  readonly idleLength?: number;
  /** Milliseconds after which pages go back to the system that nobody needed meanwhile; 1000. */
  readonly idleTime?: number;
}

/** Bytes kept idle unless the options or a smaller limit say otherwise: a large secret and its canary fit. */
const IDLE_LENGTH = 2 ** 21;
const IDLE_TIME = 1000;

/** Secret bytes on pages between guard pages, straight from the kernel. */
export class GuardedMemory implements SecretMemory {
  readonly name: string;
  /** Attested when the memory was opened, on regions of its own. */
  readonly guarantees: Guarantees;
  readonly #kernel: Kernel;
  readonly #pool: Pool;
  readonly #reference: Reference;
  readonly #context: RegionContext;
  #live = 0;
  #closed = false;

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE`, `ERR_LETHE_EXHAUSTED`, `ERR_LETHE_PROTECT` */
  constructor(kernel: Kernel, backing: Backing, options: GuardedOptions = {}) {
    this.name = backing.name;
    this.#kernel = kernel;
    sweep(kernel);
    const most = Math.min(IDLE_LENGTH, (kernel.lockLimit() ?? Infinity) / 4);
    const idleLength = optional(options, "idleLength") ?? most;
    const idleTime = optional(options, "idleTime") ?? IDLE_TIME;
    this.#pool = new Pool(kernel, backing, idleLength, idleTime);
    this.#reference = new Reference(kernel);
    this.#context = {
      kernel,
      pool: this.#pool,
      reference: this.#reference,
      guaranteesOf: (slot) => weaken(this.guarantees, slot),
      ended: () => this.#live--,
    };
    // Until they are attested, regions promise nothing.
    this.guarantees = guarantees({});
    try {
      this.guarantees = attest(kernel, this.#reference, (length) => this.#allocate(length));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Regions that were not released. */
  get live(): number {
    return this.#live;
  }

  allocate(byteLength: number): Region {
    return this.#allocate(byteLength);
  }

  /** Fills the bytes straight from getrandom(2). */
  randomize(bytes: Uint8Array): void {
    // An array over shared memory is not a view of a region, and runtimes do not take it for `bytes`.
    if (!this.#kernel.system.random(bytes as Uint8Array<ArrayBuffer>)) {
      throw new LetheError(
        "ERR_LETHE_UNAVAILABLE",
        `Cannot get random bytes: ${this.#kernel.explain("getrandom")}`,
      );
    }
  }

  /** Protects regions of this memory together. See {@link protectAll}. */
  protectAll(regions: readonly Region[], protection: Protection): void {
    protectAll(this.#kernel, regions, protection);
  }

  /** How many more regions of a length this memory can give, now. */
  capacity(byteLength: number): Capacity {
    return this.#pool.capacity(byteLength);
  }

  /**
   * Gives back idle pages, and, wiped, what threads left that have ended. The latter is done as well when a
   * memory is opened, and before a region is refused. See {@link sweep}.
   */
  sweep(): void {
    this.#pool.trim();
    sweep(this.#kernel);
  }

  /** Gives idle pages back to the system. */
  trim(): void {
    this.#pool.trim();
  }

  /**
   * Gives everything back to the system. The memory cannot be used afterwards.
   *
   * @throws {LetheError} `ERR_LETHE_LEAK` when a region was not released
   */
  close(): void {
    if (this.#live > 0) {
      throw new LetheError("ERR_LETHE_LEAK", `Cannot close memory: ${this.#live} regions are live`);
    }
    this.#pool.trim();
    if (!this.#closed) this.#closed = this.#reference.close();
  }

  #allocate(byteLength: number): GuardedRegion {
    if (this.#closed) {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot allocate: the memory was closed");
    }
    const region = new GuardedRegion(this.#context, this.#take(byteLength), byteLength);
    this.#live++;
    return region;
  }

  #take(byteLength: number): PageSlot {
    try {
      return this.#pool.take(byteLength);
    } catch (error) {
      const exhausted = error instanceof LetheError && error.code === "ERR_LETHE_EXHAUSTED";
      if (!exhausted || sweep(this.#kernel) === 0) throw error;
      return this.#pool.take(byteLength);
    }
  }
}

function weaken(table: Guarantees, { weakness }: PageSlot): Guarantees {
  if (weakness === null) return table;
  const lacking: Partial<Record<keyof Weakness, ReturnType<typeof notGiven>>> = {};
  for (const name of ["locked", "no-dump", "no-fork"] as const) {
    const reason = weakness[name];
    if (reason !== undefined) lacking[name] = notGiven(reason);
  }
  return Object.freeze({ ...table, ...lacking });
}
