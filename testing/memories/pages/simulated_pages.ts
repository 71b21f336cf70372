import { follow } from "../../core/follow_transfers.ts";

export const PAGE = 4096;

/** Something that would have killed the process, or damaged memory that is somebody else's. */
export class SimulatedFault extends Error {}

/** One mapped page. */
export interface Page {
  readonly kind: "reserved" | "secret" | "foreign";
  /** Pages of the same file merge into one mapping, pages of different ones do not. */
  readonly file: number;
  access: 0 | 1 | 3;
  locked: boolean;
  dontDump: boolean;
  dontFork: boolean;
  readonly bytes: Uint8Array;
}

interface Alias {
  readonly address: number;
  buffer: ArrayBuffer;
  seen: Uint8Array;
}

/** Page table of a process, with the bytes, and with buffers that alias them as FFI's do. */
export class SimulatedPages {
  readonly table: Map<number, Page> = new Map<number, Page>();
  readonly #aliases = new Set<Alias>();
  #next = 0x7f00_0000;

  find(byteLength: number): number {
    const address = this.#next;
    this.#next += byteLength + PAGE;
    return address;
  }

  range(address: number, byteLength: number): number[] {
    if (address % PAGE !== 0) throw new SimulatedFault(`unaligned address ${address}`);
    const count = Math.ceil(byteLength / PAGE);
    return Array.from({ length: count }, (_, i) => address / PAGE + i);
  }

  map(address: number, byteLength: number, kind: Page["kind"], file: number): void {
    this.unmap(address, byteLength);
    for (const index of this.range(address, byteLength)) {
      const flags = { locked: kind === "secret", dontDump: kind === "secret", dontFork: false };
      this.table.set(index, { kind, file, access: 0, ...flags, bytes: new Uint8Array(PAGE) });
    }
  }

  unmap(address: number, byteLength: number): void {
    this.sync();
    for (const index of this.range(address, byteLength)) {
      if (this.table.get(index)?.kind === "foreign") throw new SimulatedFault("foreign unmapped");
      this.table.delete(index);
    }
    for (const alias of this.#aliases) {
      if (!this.table.has(Math.floor(alias.address / PAGE))) this.#aliases.delete(alias);
    }
  }

  /** The pages of a range, all of them mapped and ours, or null. */
  pages(address: number, byteLength: number): Page[] | null {
    this.sync();
    const pages: Page[] = [];
    for (const index of this.range(address, byteLength)) {
      const page = this.table.get(index);
      if (page === undefined) return null;
      if (page.kind === "foreign") throw new SimulatedFault("foreign page changed");
      pages.push(page);
    }
    return pages;
  }

  load(address: number, byteLength: number, needed: 0 | 1 = 1): Uint8Array {
    this.sync();
    const bytes = new Uint8Array(byteLength);
    for (let at = 0; at < byteLength; ) {
      const start = (address + at) % PAGE;
      const piece = this.#page(address + at, needed).bytes.subarray(start, start + byteLength - at);
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  store(address: number, bytes: Uint8Array): void {
    this.sync();
    for (const [i, byte] of bytes.entries()) this.#put(address + i, byte);
    for (const alias of this.#aliases) {
      const end = alias.address + alias.buffer.byteLength;
      if (end <= address || alias.address >= address + bytes.length) continue;
      new Uint8Array(alias.buffer).set(this.load(alias.address, alias.buffer.byteLength, 0));
      alias.seen = new Uint8Array(alias.buffer).slice();
    }
  }

  alias(address: number, byteLength: number): ArrayBuffer {
    const seen = this.load(address, byteLength, 0);
    const alias: Alias = { address, seen, buffer: new ArrayBuffer(byteLength) };
    new Uint8Array(alias.buffer).set(seen);
    follow(alias.buffer, (moved) => {
      alias.buffer = moved;
    });
    this.#aliases.add(alias);
    return alias.buffer;
  }

  /** Writes through views become writes to pages, which must be writable. */
  sync(): void {
    for (const alias of this.#aliases) {
      if (alias.buffer.detached) continue; // taken away by whoever saw it
      const now = new Uint8Array(alias.buffer);
      for (let i = 0; i < now.length; i++) {
        if (now[i] === alias.seen[i]) continue;
        this.#put(alias.address + i, now[i] ?? 0);
        alias.seen[i] = now[i] ?? 0;
      }
    }
  }

  #page(address: number, needed: 0 | 1 | 3): Page {
    const page = this.table.get(Math.floor(address / PAGE));
    if (page === undefined || page.kind === "foreign" || (page.access & needed) !== needed) {
      throw new SimulatedFault(`SIGSEGV at ${address} (${needed} of ${page?.access})`);
    }
    return page;
  }

  #put(address: number, byte: number): void {
    this.#page(address, 3).bytes[address % PAGE] = byte;
  }
}
