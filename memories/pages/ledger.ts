import { TextEncoder } from "../../system/node_builtins.ts";
import type { KernelCalls } from "./kernel_calls.ts";

/** What each ledger begins with: 16 bytes, and the address of its page behind them. */
export const TITLE = "lethe ledger v1\n";

// Words of 64 bits, counted from the start of the page.
const SELF = 2;
const OWNER = 3;
const STARTED = 4;
const COUNT = 5;
const FIRST = 6;

/** The address is kept apart from the words, which say it too: what lies on a page can be damaged. */
interface Page {
  readonly address: bigint;
  readonly words: BigUint64Array;
}

/**
 * A page on which a thread keeps book of its reservations, so that other threads of the process can
 * give them back when it has ended: see {@link sweep}.
 *
 * - LEDGER-1: what is listed is mapped, and by its owner: it is listed after it was mapped, and taken off
 *   before it is unmapped, so that wherever a thread is terminated nobody else's memory is listed
 * - LEDGER-2: it is read-only except while it is written to, and a forked child does not get it
 * - LEDGER-3: it is best effort: where there is no such page, or no room in it, reservations are not listed
 */
export class Ledger {
  readonly #kernel: KernelCalls;
  #page: Page | null = null;

  constructor(kernel: KernelCalls) {
    this.#kernel = kernel;
  }

  add(address: bigint, byteLength: number): void {
    this.#write((words) => {
      const count = Number(words[COUNT]);
      const at = FIRST + 2 * count;
      if (at + 2 > words.length) return;
      words[at] = address;
      words[at + 1] = BigInt(byteLength);
      words[COUNT] = BigInt(count + 1);
    }, this.#open());
  }

  /** False: it is still listed, and must stay mapped. */
  remove(address: bigint): boolean {
    const page = this.#page;
    const { at, count } = find(page?.words ?? null, address);
    if (page === null || at < 0) return true;
    const written = this.#write((words) => {
      const last = FIRST + 2 * (count - 1);
      words[at] = words[last] ?? 0n;
      words[at + 1] = words[last + 1] ?? 0n;
      words[COUNT] = BigInt(count - 1);
    }, page);
    if (written && count === 1) this.#close(page);
    return written;
  }

  #write(change: (words: BigUint64Array) => void, page: Page | null): boolean {
    if (page === null) return false;
    const size = BigInt(this.#kernel.pageSize);
    if (!this.#kernel.protect(page.address, size, "read-write")) return false;
    change(page.words);
    // Refused, it stays writable, which its next change mends.
    this.#kernel.protect(page.address, size, "read-only");
    return true;
  }

  #open(): Page | null {
    if (this.#page !== null) return this.#page;
    const kernel = this.#kernel;
    const thread = kernel.system.thread();
    const address = thread === null ? null : kernel.reserve(kernel.pageSize);
    if (thread === null || address === null) return null;
    const size = BigInt(kernel.pageSize);
    const ready =
      kernel.system.excludeFromFork(address, size) === "done" &&
      kernel.protect(address, size, "read-write");
    if (!ready) {
      kernel.unmap(address, kernel.pageSize);
      return null;
    }
    const words = new BigUint64Array(kernel.viewAt(address, kernel.pageSize));
    words.set([...TITLE_WORDS, address, thread.id, thread.started, 0n]);
    this.#page = { address, words };
    return this.#page;
  }

  #close({ address }: Page): void {
    if (this.#kernel.unmap(address, this.#kernel.pageSize)) this.#page = null;
  }
}

function find(words: BigUint64Array | null, address: bigint): { at: number; count: number } {
  const count = Number(words?.[COUNT] ?? 0n);
  for (let at = FIRST; at < FIRST + 2 * count; at += 2) {
    if (words?.[at] === address) return { at, count };
  }
  return { at: -1, count };
}

const TITLE_WORDS: BigUint64Array = new BigUint64Array(
  Uint8Array.from(new TextEncoder().encode(TITLE)).buffer,
);
const BEGINNING: BigUint64Array<ArrayBuffer> = new BigUint64Array(OWNER);
const BEGINNING_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(BEGINNING.buffer);

/** Whether a page begins as a ledger does. */
export function isTitled(kernel: KernelCalls, address: bigint): boolean {
  const { byteLength } = BEGINNING_BYTES;
  if (kernel.system.readAsDebugger(address, BEGINNING_BYTES) !== byteLength) return false;
  const titled = TITLE_WORDS.every((word, index) => BEGINNING[index] === word);
  return titled && BEGINNING[SELF] === address;
}

/** What another thread's ledger says. */
export interface Entry {
  readonly owner: { readonly id: bigint; readonly started: bigint };
  readonly reservations: readonly { readonly address: bigint; readonly byteLength: bigint }[];
}

/** The ledger at the start of a page, or null when there is none. */
export function readLedger(kernel: KernelCalls, address: bigint): Entry | null {
  if (!isTitled(kernel, address)) return null;
  const bytes = new Uint8Array(new ArrayBuffer(kernel.pageSize));
  if (kernel.system.readAsDebugger(address, bytes) !== bytes.byteLength) return null;
  const words = new BigUint64Array(bytes.buffer);
  const count = Number(words[COUNT]);
  const listed = words.subarray(FIRST, FIRST + 2 * count);
  if (listed.length !== 2 * count) return null;
  return {
    owner: { id: words[OWNER] ?? 0n, started: words[STARTED] ?? 0n },
    reservations: Array.from({ length: count }, (_, index) => ({
      address: listed[2 * index] ?? 0n,
      byteLength: listed[2 * index + 1] ?? 0n,
    })),
  };
}

/**
 * Takes the last reservation off the ledger of a thread that has ended, or with `by` 1 puts it back.
 * False: nothing was changed.
 */
export function strike(kernel: KernelCalls, address: bigint, by: -1 | 1 = -1): boolean {
  const size = BigInt(kernel.pageSize);
  if (!kernel.protect(address, size, "read-write")) return false;
  const words = new BigUint64Array(kernel.viewAt(address, kernel.pageSize));
  words[COUNT] = (words[COUNT] ?? 0n) + BigInt(by);
  // Tried twice, since a ledger that is left writable is found no more.
  if (!kernel.protect(address, size, "read-only")) kernel.protect(address, size, "read-only");
  return true;
}
