import type { Kernel } from "../../../memories/sodium/kernel.ts";
import type { Mapping } from "../../../memories/sodium/mappings.ts";
import type { Allocation, SodiumAllocator } from "../../../system/sodium_native/sodium_native.ts";
import { follow } from "../../core/follow_transfers.ts";

export const PAGE = 4096;

/** One `sodium_malloc` of the fake: its guards, its lock and its protection. */
export interface FakePages {
  readonly start: number;
  readonly end: number;
  readonly byteLength: number;
  buffer: ArrayBuffer;
  permissions: string;
  locked: boolean;
  notDumped: boolean;
  guarded: boolean;
  freed: boolean;
}

/**
 * libsodium and the kernel below it, as far as Lethe sees them: the memory of one is what the other
 * tells about. Each call of either can be made to fail.
 */
export class FakeMachine {
  readonly pages: FakePages[] = [];
  /** Mappings of the rest of the process. */
  others = 200;
  maxMapCount = 65_530;
  room: number = 2 ** 34;
  /** Bytes that may be locked. */
  lockable: number = Infinity;
  dumpable = false;
  guards = true;
  /** The number of the call that fails, counted from now; 0 for none, negative for all. */
  failing = 0;
  /** How many calls were made. */
  calls = 0;
  #next = 0x7f00_0000_0000;
  #lockedBytes = 0;
  readonly #byBuffer = new WeakMap<ArrayBufferLike, FakePages>();

  readonly sodium: SodiumAllocator = {
    sodium_malloc: (byteLength) => {
      this.#call();
      return { buffer: this.#map(byteLength).buffer };
    },
    sodium_free: (allocation) => {
      const pages = this.#of(allocation);
      pages.permissions = "rw-p";
      allocation.buffer.transfer(0);
      pages.freed = true;
      if (pages.locked) this.#lockedBytes -= pages.end - pages.start;
    },
    sodium_mprotect_noaccess: (allocation) => this.#protect(allocation, "---p"),
    sodium_mprotect_readonly: (allocation) => this.#protect(allocation, "r--p"),
    sodium_mprotect_readwrite: (allocation) => this.#protect(allocation, "rw-p"),
    randombytes_buf: (bytes) => void crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>),
  };

  readonly kernel: Kernel = {
    maps: () => this.#list(false),
    smaps: () => this.#list(true),
    mapCount: () => {
      this.#call();
      return this.mapCount;
    },
    read: (address, byteLength) => {
      this.#call();
      const found = this.live.find(({ start, end }) => start <= address && address < end);
      if (found === undefined) return new Uint8Array();
      const offset = address - (found.end - found.byteLength);
      return new Uint8Array(found.buffer.slice(offset, offset + byteLength));
    },
    maxMapCount: () => {
      this.#call();
      return this.maxMapCount;
    },
    room: () => {
      this.#call();
      return this.room;
    },
    pageSize: () => PAGE,
    explainLocks: () => `${this.lockable} bytes may be locked`,
    filtered: () => false,
  };

  /** What is mapped. Freed pages stay mapped until {@link turn}. */
  get live(): readonly FakePages[] {
    return this.pages.filter(({ buffer, freed }) => !freed && !buffer.detached);
  }

  get mapCount(): number {
    return this.others + 4 * this.pages.length;
  }

  /** The event loop turns: freed memory is given back. */
  turn(): void {
    const kept = this.pages.filter(({ freed }) => !freed);
    this.pages.splice(0, this.pages.length, ...kept);
  }

  /** The pages below a buffer that Lethe holds. */
  pagesOf(buffer: ArrayBufferLike): FakePages {
    const found = this.#byBuffer.get(buffer);
    if (found === undefined) throw new Error("no such pages");
    return found;
  }

  #call(): void {
    this.calls += 1;
    if (this.failing < 0 || (this.failing > 0 && --this.failing === 0)) {
      throw new Error("injected");
    }
  }

  #map(byteLength: number): FakePages {
    const end = this.#next;
    const start = end - Math.ceil((byteLength + 16) / PAGE) * PAGE;
    this.#next = start - 3 * PAGE;
    const pages: FakePages = {
      start,
      end,
      byteLength,
      buffer: new ArrayBuffer(byteLength),
      permissions: "rw-p",
      locked: this.#lockedBytes + end - start <= this.lockable,
      notDumped: !this.dumpable,
      guarded: this.guards,
      freed: false,
    };
    if (pages.locked) this.#lockedBytes += end - start;
    new Uint8Array(pages.buffer).fill(0xdb);
    this.#follow(pages);
    this.pages.push(pages);
    return pages;
  }

  /** Transferring gives the pages another buffer; the fake has to notice. */
  #follow(pages: FakePages): void {
    this.#byBuffer.set(pages.buffer, pages);
    follow(pages.buffer, (moved) => {
      pages.buffer = moved;
      this.#byBuffer.set(moved, pages);
    });
  }

  #of({ buffer }: Allocation): FakePages {
    return this.pagesOf(buffer);
  }

  #protect(allocation: Allocation, permissions: string): void {
    const pages = this.#of(allocation);
    if (pages.freed) throw new Error("protects what is freed");
    this.#call();
    pages.permissions = permissions;
  }

  *#list(withFlags: boolean): Generator<Mapping, void> {
    this.#call();
    const none: ReadonlySet<string> = new Set();
    yield { start: 0x400000, end: 0x401000, permissions: "r-xp", flags: none };
    yield { start: 0x500000, end: 0x501000, permissions: "rw-p", flags: none };
    for (const pages of this.pages.toReversed()) {
      const { start, end, permissions, locked, notDumped, guarded } = pages;
      const guard = { permissions: guarded ? "---p" : "rw-p", flags: none };
      const names = [locked ? "lo" : "", notDumped ? "dd" : ""];
      const flags = withFlags ? new Set(names.filter((name) => name !== "")) : none;
      yield { start: start - 2 * PAGE, end: start - PAGE, permissions: "r--p", flags: none };
      yield { start: start - PAGE, end: start, ...guard };
      yield { start, end, permissions, flags };
      yield { start: end, end: end + PAGE, ...guard };
    }
  }
}
