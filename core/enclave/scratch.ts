import { LetheError } from "../errors.ts";
import type { Region } from "../memory.ts";

/** Regions kept for the next scope. One serves a program without overlapping scopes. */
const MOST_IDLE = 2;

/** A guarded region lent for one scope after another. Between them, it is zero and closed. */
export interface Scratch {
  readonly region: Region;
  /** The id of the enclave whose bytes are in it, and the slots that the id is of. */
  slots: object | null;
  id: number;
  /** Its bytes were wiped and taken away before the scope ended. */
  ended: boolean;
}

/**
 * Guarded regions in which enclaves are opened for one scope.
 *
 * - A1: a region in use is in the list of those lent, so that a purge finds it
 * - A2: one that cannot be wiped and closed is not lent again
 */
export class ScratchPool {
  readonly #allocate: (byteLength: number) => Region;
  readonly #lent: Scratch[] = [];
  readonly #idle: Scratch[] = [];

  constructor(allocate: (byteLength: number) => Region) {
    this.#allocate = allocate;
  }

  /** Opens a region for writing, and lends it. */
  lend(byteLength: number, slots: object, id: number): Scratch {
    const scratch = this.#take(byteLength);
    scratch.slots = slots;
    scratch.id = id;
    this.#lent.push(scratch);
    try {
      scratch.region.protect("read-write");
      return scratch;
    } catch (error) {
      this.end(scratch);
      throw error;
    }
  }

  /** The end of a scope: wiped, detached, closed. */
  end(scratch: Scratch): void {
    if (this.#lent.at(-1) === scratch) this.#lent.pop();
    else this.#lent.splice(this.#lent.indexOf(scratch), 1);
    const { region } = scratch;
    // What a native call wrote after a wipe inside the scope is wiped too.
    if (scratch.ended) region.wipe();
    else region.view().fill(0);
    region.detach();
    region.protect("no-access");
    scratch.slots = null;
    scratch.ended = false;
    if (this.#idle.length < MOST_IDLE) this.#idle.push(scratch);
    else release(region);
  }

  /** Wipes and detaches what is lent for an enclave, or for all. Its scopes end when they end. */
  cut(slots?: object, id?: number): void {
    for (const scratch of this.#lent) {
      if (slots !== undefined && (scratch.slots !== slots || scratch.id !== id)) continue;
      scratch.ended = true;
      scratch.region.wipe();
      scratch.region.detach();
    }
  }

  get anyLent(): boolean {
    return this.#lent.length > 0;
  }

  /** Gives back what no scope uses. */
  trim(): void {
    for (const { region } of this.#idle.splice(0)) release(region);
  }

  #take(byteLength: number): Scratch {
    if (this.#idle.at(-1)?.region.byteLength === byteLength) return this.#idle.pop() as Scratch;
    const index = this.#idle.findIndex(({ region }) => region.byteLength === byteLength);
    if (index >= 0) return this.#idle.splice(index, 1)[0] as Scratch;
    const region = this.retrying(() => this.#allocate(byteLength));
    return { region, slots: null, id: 0, ended: false };
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

/** It was wiped with no read-back; here it is looked at before it goes to other secrets. */
function release(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}
