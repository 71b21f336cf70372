import { LetheError } from "../../core/contract/errors.ts";
import { DARWIN, LINUX } from "../../system/constants.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { MAP_FAILED, openLibrary } from "../../system/libc.ts";
import type { View } from "../envelopes/bytes.ts";

const LIBC = {
  memset: { parameters: ["bytes", "i32", "usize"], result: "usize" },
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "isize"], result: "usize" },
} as const;

/** More than the attributes of a key of 16,384 bits take. */
const BYTES = 65_536;
const WORD = 8;

/** Bytes that C knows by their address. */
export interface Place {
  readonly address: bigint;
  readonly bytes: View;
  /** As words of C (`CK_ULONG`), the first one at 0. */
  word(index?: number): bigint;
}

/**
 * Memory with addresses, for what Cryptoki takes by pointers to pointers: templates, parameters, handles, lengths. **Public
 * values alone.** A PIN and a file key go to C by the address of their own page, and never lie here.
 *
 * It stays mapped: an ArrayBuffer over it would outlive an unmapping.
 */
export class Scratch {
  readonly #libc: Symbols<typeof LIBC>;
  readonly #base: bigint;
  readonly #all: View;
  #used = 0;

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE`, `ERR_LETHE_EXHAUSTED` */
  constructor(ffi: Ffi) {
    const { PROT_READ, PROT_WRITE, MAP_PRIVATE, MAP_ANONYMOUS } =
      ffi.platform === "darwin" ? DARWIN : LINUX;
    const libc = openLibrary(ffi, LIBC);
    this.#libc = libc;
    const [protection, flags] = [PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS];
    this.#base = libc.mmap(0n, BigInt(BYTES), protection, flags, -1, 0n);
    if (this.#base === MAP_FAILED) {
      throw new LetheError(
        "ERR_LETHE_EXHAUSTED",
        `Cannot map ${BYTES} bytes for a PKCS#11 module: free memory, or raise the limit of this process`,
      );
    }
    this.#all = new Uint8Array(ffi.viewAt(this.#base, BYTES));
  }

  /** Where the bytes of an open page lie: nothing is written to them. For what has an address within a structure. */
  addressOf(page: View): bigint {
    return this.#libc.memset(page, 0, 0n);
  }

  /** What is placed within `work` is zero and free again when it is done. */
  frame<T>(work: () => T): T {
    const start = this.#used;
    try {
      return work();
    } finally {
      this.#all.fill(0, start, this.#used);
      this.#used = start;
    }
  }

  /** Zeros, aligned as C aligns them. */
  reserve(byteLength: number): Place {
    const start = this.#used;
    const next = start + Math.ceil(byteLength / WORD) * WORD;
    if (next > BYTES) {
      throw new LetheError(
        "ERR_LETHE_WRAPPER",
        "Cannot use PKCS#11 key: the module gives an attribute that is longer than any key has",
      );
    }
    this.#used = next;
    const bytes = new Uint8Array(this.#all.buffer, this.#all.byteOffset + start, byteLength);
    return {
      address: this.#base + BigInt(start),
      bytes,
      word: (index = 0) =>
        new BigUint64Array(bytes.buffer, bytes.byteOffset + index * WORD, 1)[0] ?? 0n,
    };
  }

  words(...values: readonly bigint[]): Place {
    const place = this.reserve(values.length * WORD);
    new BigUint64Array(place.bytes.buffer, place.bytes.byteOffset, values.length).set(values);
    return place;
  }

  copy(bytes: Uint8Array): Place {
    const place = this.reserve(Math.max(bytes.length, 1));
    place.bytes.set(bytes);
    return place;
  }
}
