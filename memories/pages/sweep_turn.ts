import type { Thread } from "../../system/proc.ts";
import type { KernelCalls } from "./kernel_calls.ts";

/**
 * Where the page lies. Below 2^38, which every 64-bit system has, on a boundary of 64 KiB, the largest
 * page, and far from where systems put programs, heaps, libraries and stacks.
 */
const ADDRESS = 0x2c_6574_0000n;

/**
 * The turn to sweep: one thread of the process has it at a time.
 *
 * It is a word in a page of this process, at an address that all threads know: the name of the thread
 * that has the turn, or zero. A lock on a file would do as well if nobody else could take it, but
 * every file that all threads of a process can open by name can be opened by others too.
 *
 * - TURN-1: no other process can take the turn, or keep it from being taken
 * - TURN-2: the turn of a thread that has ended is free
 * - TURN-3: it is best effort: where the page or the names of threads are missing, nobody gets the turn
 *
 * The page holds no secret. It stays until the process ends.
 */
export class SweepTurn {
  readonly #kernel: KernelCalls;
  #word: BigUint64Array | null = null;

  constructor(kernel: KernelCalls) {
    this.#kernel = kernel;
  }

  /** Runs `work` while no other thread does. False: another one does, or it cannot be told. */
  run(work: () => void): boolean {
    const { system } = this.#kernel;
    const me = system.thread();
    const word = me === null ? null : this.#open();
    if (me === null || word === null) return false;
    const name = nameOf(me);
    const holder = Atomics.load(word, 0);
    if (holder !== 0n && holder !== name && !system.hasEnded(threadOf(holder))) return false;
    if (Atomics.compareExchange(word, 0, holder, name) !== holder) return false;
    try {
      work();
    } finally {
      Atomics.compareExchange(word, 0, name, 0n);
    }
    return true;
  }

  #open(): BigUint64Array | null {
    if (this.#word !== null) return this.#word;
    const kernel = this.#kernel;
    const size = BigInt(kernel.pageSize);
    // A thread may have ended, or be, between these steps. Whoever comes next does them again.
    const there = kernel.system.plugHole(ADDRESS, size) || this.#isThere(size);
    const ready =
      there &&
      kernel.system.excludeFromFork(ADDRESS, size) === "done" &&
      kernel.protect(ADDRESS, size, "read-write");
    if (!ready) return null;
    this.#word = new BigUint64Array(kernel.viewAt(ADDRESS, WORD_BYTES));
    return this.#word;
  }

  /** Whether another thread has made the page: nobody else asks for one page at this address. */
  #isThere(size: bigint): boolean {
    const found = this.#kernel.mappings("maps", ADDRESS, ADDRESS + size) ?? [];
    const [page] = found;
    if (page === undefined || found.length > 1) return false;
    const exact = page.start === ADDRESS && page.end === ADDRESS + size && page.name === "";
    return exact && (page.access === "---p" || page.access === "rw-p");
  }
}

const WORD_BYTES = 8;

/** Numbers of threads are below this (PID_MAX_LIMIT of Linux). */
const THREADS: bigint = 2n ** 22n;

function nameOf({ id, started }: Thread): bigint {
  return BigInt.asUintN(64, started * THREADS + id);
}

function threadOf(name: bigint): Thread {
  return { id: name % THREADS, started: name / THREADS };
}
