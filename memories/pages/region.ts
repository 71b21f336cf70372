import { LetheError } from "../../core/contract/errors.ts";
import type { Guarantees } from "../../core/contract/guarantees.ts";
import type { Protection, Region } from "../../core/contract/memory.ts";
import { transferBuffer } from "../../core/globals.ts";
import type { Kernel } from "./kernel.ts";
import { Placement } from "./placement.ts";
import type { Pool } from "./pool.ts";
import type { Reference } from "./reference.ts";
import type { PageSlot } from "./reservation.ts";

/** What the regions of a memory share. */
export interface RegionContext {
  readonly kernel: Kernel;
  readonly pool: Pool;
  readonly reference: Reference;
  /** What the pages of a slot give. */
  guaranteesOf(slot: PageSlot): Guarantees;
  /** A region has ended. */
  ended(): void;
}

/** One secret in one slot. A released region is inert, even when its slot has gone to another. */
export class GuardedRegion implements Region {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  readonly #context: RegionContext;
  readonly #kernel: Kernel;
  readonly #slot: PageSlot;
  readonly #placement: Placement;
  /** Null: a change was begun and not confirmed, so that the pages must count as open. */
  #protection: Protection | null = "no-access";
  #view: Uint8Array<ArrayBuffer> | null = null;
  #wiped = true;
  /** Whether the canary was intact when the pages were last closed; null: nobody looked. */
  #intact: boolean | null = true;
  #stolen = false;
  #released = false;

  constructor(context: RegionContext, slot: PageSlot, byteLength: number) {
    this.byteLength = byteLength;
    this.guarantees = context.guaranteesOf(slot);
    this.#context = context;
    this.#kernel = context.kernel;
    this.#slot = slot;
    this.#placement = Placement.next(slot, byteLength);
  }

  /** Not released. */
  get live(): boolean {
    return !this.#released;
  }

  /** Address of the first byte, for probes. */
  get address(): bigint {
    return this.#placement.data;
  }

  /** The pages between the guards. */
  get slot(): PageSlot {
    this.#mustBeLive();
    return this.#slot;
  }

  protect(protection: Protection): void {
    if (protection === this.#protection) return;
    this.#mustBeLive();
    // The canary is written when there is access anyway, so that allocating takes no system call.
    if (this.#slot.marked !== this.#placement && protection !== "no-access") {
      this.#set("read-write");
      this.#placement.mark(this.#slot, this.#context.kernel, this.#context.reference);
    }
    if (protection === "read-write") this.#wiped = false;
    // A wiped region that is closed is about to be released: looking now saves opening it again.
    const last = protection === "no-access" && this.#wiped && this.#protection === "read-write";
    this.#intact = last ? this.#isIntact() : null;
    if (protection !== this.#protection) this.#set(protection);
  }

  /** The protection was changed from outside, by one request for several regions; see there. */
  protectionChanged(protection: Protection | null): void {
    this.#protection = protection;
  }

  view(): Uint8Array<ArrayBuffer> {
    this.#mustBeLive();
    if (this.#view === null) {
      const place = this.#placement;
      place.buffer ??= this.#kernel.viewAt(place.data, place.byteLength);
      this.#view = new Uint8Array(place.buffer);
    }
    return this.#view;
  }

  detach(): void {
    if (this.#view === null) return;
    this.#view = null;
    const place = this.#placement;
    if (place.buffer === null) return;
    // Whoever was shown the view may have transferred its buffer, and then holds the bytes where
    // nothing can detach them. Closed pages still stop that; a slot that is used again would not.
    if (place.buffer.detached) this.#stolen = true;
    // The new buffer has the same bytes. Making one anew would cost three times as much. This is
    // the dearest step of a scope after the two system calls: see bench/pages/README.md.
    place.buffer = this.#stolen ? null : transferBuffer(place.buffer);
  }

  wipe(): void {
    this.#mustBeLive();
    this.protect("read-write");
    this.#wipe();
  }

  release(): void {
    this.#mustBeLive();
    this.#released = true;
    this.#context.ended();
    const intact = this.#close();
    if (this.#stolen) this.#context.pool.quarantine(this.#slot);
    else if (intact) this.#context.pool.put(this.#slot);
    else this.#context.pool.discard(this.#slot);
    if (!intact) {
      throw new LetheError(
        "ERR_LETHE_CANARY",
        "Something wrote in front of a secret: its canary was damaged (the secret was released)",
      );
    }
  }

  #wipe(): void {
    const { data, size } = this.#placement;
    this.#context.kernel.zero(data, size);
    if (!this.#context.reference.isZero(data, size)) {
      throw new LetheError("ERR_LETHE_WIPE", "Cannot wipe region: it did not read back as zero");
    }
    this.#wiped = true;
  }

  /** Detached, wiped, without access. Whether the canary was intact. */
  #close(): boolean {
    try {
      this.detach();
      if (this.#protection === "no-access" && this.#wiped && this.#intact !== null) {
        return this.#intact;
      }
      if (!this.#wiped) {
        this.#set("read-write");
        this.#wipe();
      } else if (this.#protection !== "read-write") {
        this.#set("read-only");
      }
      const intact = this.#isIntact();
      this.#set("no-access");
      return intact;
    } catch (error) {
      // Mapping other pages there needs no access, and closes them too.
      if (this.#stolen) this.#context.pool.quarantine(this.#slot);
      else this.#context.pool.discard(this.#slot);
      throw error;
    }
  }

  /** The pages are readable. Without a canary, since they never were before, nothing is amiss. */
  #isIntact(): boolean {
    if (this.#slot.marked !== this.#placement) return true;
    return this.#placement.isIntact(this.#context.kernel, this.#context.reference);
  }

  #set(protection: Protection): void {
    this.#protection = null;
    const slot = this.#slot;
    if (!this.#kernel.protect(slot.address, slot.size, protection)) {
      const reason = this.#kernel.explain("mprotect");
      throw new LetheError("ERR_LETHE_PROTECT", `Cannot make pages ${protection}: ${reason}`);
    }
    this.#protection = protection;
  }

  #mustBeLive(): void {
    if (!this.#released) return;
    throw new LetheError("ERR_LETHE_DESTROYED", "Cannot use region: it was released");
  }
}
