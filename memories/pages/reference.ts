import { LetheError } from "../../core/contract/errors.ts";
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
    if (address === null) throw unavailable(kernel.explain("mmap"));
    this.canary = address;
    this.zeros = address + BigInt(CANARY_LENGTH);
    this.zerosLength = BigInt(kernel.pageSize - CANARY_LENGTH);
    const refusal = this.#fill();
    if (refusal === null) return;
    kernel.unmap(address, kernel.pageSize);
    throw unavailable(refusal);
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

  /** Why the canary could not be made, or null. */
  #fill(): string | null {
    const kernel = this.#kernel;
    const page = BigInt(kernel.pageSize);
    if (!kernel.protect(this.canary, page, "read-write")) return kernel.explain("mprotect");
    let bytes = new Uint8Array(kernel.viewAt(this.canary, CANARY_LENGTH));
    const refusal = kernel.system.random(bytes) ? null : kernel.explain("getrandom");
    // Nobody keeps a view of the page.
    bytes = new Uint8Array(transferBuffer(bytes.buffer));
    if (refusal !== null) return refusal;
    if (bytes.every((byte) => byte === 0)) return "getrandom gave zeros";
    return kernel.protect(this.canary, page, "read-only") ? null : kernel.explain("mprotect");
  }
}

function unavailable(why: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open memory: ${why}`);
}
