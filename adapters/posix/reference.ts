import { LetheError } from "../../core/errors.ts";
import { transferBuffer } from "../../core/globals.ts";
import type { Kernel } from "./kernel.ts";
import { CANARY_LENGTH } from "./layout.ts";

/**
 * A read-only page of a memory that regions are compared with: its canary, and zeros.
 *
 * The canary is random for each memory and no secret: whoever can read this page can forge it. It
 * finds mistakes, not attackers.
 */
export class Reference {
  readonly canary: bigint;
  readonly zeros: bigint;
  readonly zerosLength: bigint;
  readonly #kernel: Kernel;

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    const address = kernel.reserve(kernel.pageSize);
    if (address === null) throw unavailable(`mmap was refused (${kernel.reason()})`);
    this.canary = address;
    this.zeros = address + BigInt(CANARY_LENGTH);
    this.zerosLength = BigInt(kernel.pageSize - CANARY_LENGTH);
    if (!this.#fill()) {
      const reason = kernel.reason();
      kernel.unmap(address, kernel.pageSize);
      throw unavailable(`its canary could not be made (${reason})`);
    }
  }

  /** Whether these bytes are all zero. */
  isZero(address: bigint, byteLength: bigint): boolean {
    const known = this.zerosLength;
    if (byteLength <= known) return this.#kernel.equal(address, this.zeros, byteLength);
    // The first bytes are zero, and each byte equals one that far before it: all are zero.
    return (
      this.#kernel.equal(address, this.zeros, known) &&
      this.#kernel.equal(address, address + known, byteLength - known)
    );
  }

  close(): boolean {
    return this.#kernel.unmap(this.canary, this.#kernel.pageSize);
  }

  #fill(): boolean {
    const kernel = this.#kernel;
    const page = BigInt(kernel.pageSize);
    if (!kernel.protect(this.canary, page, "read-write")) return false;
    let bytes = new Uint8Array(kernel.viewAt(this.canary, CANARY_LENGTH));
    const filled = kernel.system.random(bytes);
    // Nobody keeps a view of the page.
    bytes = new Uint8Array(transferBuffer(bytes.buffer));
    return (
      filled && bytes.some((byte) => byte !== 0) && kernel.protect(this.canary, page, "read-only")
    );
  }
}

function unavailable(why: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open memory: ${why}`);
}
