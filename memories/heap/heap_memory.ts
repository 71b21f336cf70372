import { SMALLEST_BUFFER, wipeBytes } from "../../core/bytes.ts";
import { LetheError } from "../../core/contract/errors.ts";
import {
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
} from "../../core/contract/guarantees.ts";
import type { Protection, Region, SecretMemory } from "../../core/contract/memory.ts";
import { transferBuffer } from "../../core/globals.ts";

const OF_PAGES = [
  "access-trap",
  "write-trap",
  "guard-pages",
  "locked",
  "no-dump",
  "no-fork",
] as const;
const NO_PAGES = notGiven("ordinary memory of the runtime; use a memory with its own pages");

const HEAP_GUARANTEES: Guarantees = guarantees({
  "detached-views": unverified("enforced", "ArrayBuffer.prototype.transfer detaches"),
  "wiped-on-destroy": unverified("enforced", "overwritten and read back"),
  "off-heap": unverified(
    "enforced",
    "an ArrayBuffer of 256 bytes or more lies outside the garbage-collected heap of V8, JavaScriptCore and SpiderMonkey; the conformance suite scans the process from outside",
  ),
  canary: notGiven("a view of an ArrayBuffer cannot be overrun from JavaScript"),
  ...Object.fromEntries(OF_PAGES.map((name) => [name, NO_PAGES])),
});

/**
 * Best-effort memory for every runtime: an off-heap `ArrayBuffer` for each region.
 *
 * It promises that the bytes have one place, that views are detached and that the wipe is done
 * before `destroy` returns. It does not lock, does not guard, and anything that reads the process's
 * memory reads a live secret.
 */
export class HeapMemory implements SecretMemory {
  /** Always `heap`. */
  readonly name = "heap";
  /** What every region of it promises. */
  readonly guarantees: Guarantees = HEAP_GUARANTEES;
  /** Fills bytes from the system's generator; absent where there is no way to it. */
  declare readonly randomize?: (bytes: Uint8Array) => void;
  /** It opens a file each time. */
  readonly randomizesSlowly = true;

  /**
   * Makes a memory. It costs nothing until a region is asked for.
   *
   * @param randomize fills bytes from the system's generator, where there is a way to it
   */
  constructor(randomize?: (bytes: Uint8Array) => void) {
    if (randomize !== undefined) this.randomize = randomize;
  }

  /**
   * A new region, filled with zeros.
   *
   * @param byteLength an integer from 1 to 2^31 - 1
   * @throws {RangeError} by the runtime itself, when it has no room
   *
   * @example
   * ```ts
   * import { HeapMemory } from "lethe/memory";
   *
   * const region = new HeapMemory().allocate(32);
   * region.release();
   * ```
   */
  allocate(byteLength: number): Region {
    return new HeapRegion(byteLength);
  }
}

/** The memory that every runtime has. */
export const HEAP_PROVIDER: { readonly name: "heap"; open(): SecretMemory } = {
  name: "heap",
  open: () => new HeapMemory(),
};

class HeapRegion implements Region {
  readonly byteLength: number;
  readonly guarantees: Guarantees = HEAP_GUARANTEES;
  #buffer: ArrayBuffer;
  #view: Uint8Array<ArrayBuffer> | null = null;

  constructor(byteLength: number) {
    this.byteLength = byteLength;
    try {
      this.#buffer = new ArrayBuffer(Math.max(byteLength, SMALLEST_BUFFER));
    } catch {
      throw new LetheError(
        "ERR_LETHE_EXHAUSTED",
        `Cannot allocate ${byteLength} bytes: the runtime has no such ArrayBuffer; destroy secrets or give the process more memory`,
      );
    }
  }

  /** Accepted and without effect: this memory promises no traps. */
  protect(_protection: Protection): void {
    return;
  }

  view(): Uint8Array<ArrayBuffer> {
    this.#view ??= new Uint8Array(this.#owned(), 0, this.byteLength);
    return this.#view;
  }

  detach(): void {
    if (this.#view === null) return;
    // Of equal length: the bytes stay where they are, only their owner changes (measured on V8 and
    // JavaScriptCore; another length would copy).
    this.#buffer = transferBuffer(this.#owned());
    this.#view = null;
  }

  wipe(): void {
    if (!wipeBytes(new Uint8Array(this.#owned()))) {
      throw new LetheError(
        "ERR_LETHE_WIPE",
        "Cannot wipe secret: a byte did not read back as zero",
      );
    }
  }

  release(): void {
    this.#view = null;
    this.#buffer = transferBuffer(this.#buffer, 0);
  }

  /** A view's buffer can be transferred by whoever is lent it; the bytes are then theirs. */
  #owned(): ArrayBuffer {
    if (!this.#buffer.detached) return this.#buffer;
    throw new LetheError(
      "ERR_LETHE_WIPE",
      "Cannot wipe secret: its buffer was transferred inside a scope, and the bytes went with it",
    );
  }
}
