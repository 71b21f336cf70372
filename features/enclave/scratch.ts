import { LetheError } from "../../core/contract/errors.ts";
import type { Region } from "../../core/contract/memory.ts";
import { tryAll } from "../../core/try_all.ts";

/** Regions kept for the next scope. One serves a program without overlapping scopes. */
const MOST_IDLE = 2;

/** A guarded region lent for one scope after another. Between them, it is zero and closed. */
export interface Scratch {
  readonly region: Region;
  /** The id of the enclave whose bytes are in it, and the slots that the id is of. */
  slots: object | null;
  id: number;
  /** The enclave: while a scope of it is open it is not collected, which would end the scope. */
  holder: object | null;
  /** Its bytes were wiped and taken away before the scope ended. */
  ended: boolean;
}

/**
 * Guarded regions in which enclaves are opened for one scope.
 *
 * - SCRATCH-1: a region in use is in the list of those lent, so that a purge finds it
 * - SCRATCH-2: one that cannot be wiped and closed is not lent again, and it is tried again until it is
 */
export class ScratchPool {
  readonly #allocate: (byteLength: number) => Region;
  readonly #lent: Scratch[] = [];
  readonly #idle: Scratch[] = [];
  /** What could not be wiped or closed. */
  readonly #broken: Region[] = [];

  constructor(allocate: (byteLength: number) => Region) {
    this.#allocate = allocate;
  }

  /** Opens a region for writing, and lends it. */
  lend(byteLength: number, slots: object, id: number, holder: object): Scratch {
    const scratch = this.#take(byteLength);
    try {
      scratch.region.protect("read-write");
    } catch (error) {
      this.#broken.push(scratch.region); // and not written to: its pages may be closed
      throw error;
    }
    scratch.slots = slots;
    scratch.id = id;
    scratch.holder = holder;
    this.#lent.push(scratch);
    return scratch;
  }

  /** The end of a scope: wiped, detached, closed. */
  end(scratch: Scratch): void {
    if (this.#lent.at(-1) === scratch) this.#lent.pop();
    else this.#lent.splice(this.#lent.indexOf(scratch), 1);
    const { region } = scratch;
    this.#orBroken(region, () => {
      // What a native call wrote after a wipe inside the scope is wiped too.
      if (scratch.ended) region.wipe();
      else region.view().fill(0);
      region.detach();
      region.protect("no-access");
    });
    scratch.slots = null;
    scratch.holder = null;
    scratch.ended = false;
    if (this.#idle.length < MOST_IDLE) this.#idle.push(scratch);
    else this.discard(region);
  }

  /** Wipes and detaches what is lent for an enclave, or for all. Its scopes end when they end. */
  cut(slots?: object, id?: number): void {
    const cut = this.#lent.filter(
      (scratch) => slots === undefined || (scratch.slots === slots && scratch.id === id),
    );
    tryAll(cut.map((scratch) => () => end(scratch)));
  }

  get anyLent(): boolean {
    return this.#lent.length > 0;
  }

  /** Gives back what no scope uses. */
  trim(): void {
    const regions = [
      ...this.#idle.splice(0).map(({ region }) => region),
      ...this.#broken.splice(0),
    ];
    tryAll(regions.map((region) => () => this.discard(region)));
  }

  /** Wipes a region and gives it back. It is read back here, before it goes to other secrets. */
  discard(region: Region): void {
    this.#orBroken(region, () => {
      region.protect("read-write");
      region.wipe();
      region.detach();
      region.protect("no-access");
    });
    region.release();
  }

  #orBroken(region: Region, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#broken.push(region);
      throw error;
    }
  }

  #take(byteLength: number): Scratch {
    if (this.#idle.at(-1)?.region.byteLength === byteLength) return this.#idle.pop() as Scratch;
    const index = this.#idle.findIndex(({ region }) => region.byteLength === byteLength);
    if (index >= 0) return this.#idle.splice(index, 1)[0] as Scratch;
    const region = this.retrying(() => this.#allocate(byteLength));
    return { region, slots: null, id: 0, holder: null, ended: false };
  }

  /** What finds no room is tried once more without the idle regions. */
  retrying<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      const full = error instanceof LetheError && ROOM.has(error.code);
      if (!full || this.#idle.length === 0) throw error;
      this.trim();
      return make();
    }
  }
}

const ROOM: ReadonlySet<string> = new Set(["ERR_LETHE_EXHAUSTED", "ERR_LETHE_LOCK"]);

function end(scratch: Scratch): void {
  scratch.ended = true;
  try {
    scratch.region.wipe();
  } finally {
    scratch.region.detach();
  }
}
