import type { Mapping } from "../../system/proc.ts";
import { isMarked, type Kernel } from "./kernel.ts";
import { isTitled, readLedger, strike } from "./ledger.ts";

/** Longest mapping that is searched for ledgers: those of several threads may have become one. */
const LONGEST = 256;

/** The line of a private mapping without a file that can be read only: access, offset, device, inode. */
const ANONYMOUS = " r--p 00000000 00:00 0";

/**
 * Wipes and gives back what threads of this process left that have ended: a worker that was
 * terminated can run no code of its own any more. Returns how many reservations it gave back.
 *
 * It works through the lists of the kernel: ledgers are looked for in `/proc/self/maps` and read
 * through `/proc/self/mem`, and that a thread has ended is what `/proc/self/task` says. One thread
 * sweeps at a time, see {@link SweepTurn}. Where any of it cannot be had, it leaves everything as it is.
 */
export function sweep(kernel: Kernel): number {
  const left = candidates(kernel).filter((page) => isAbandoned(kernel, page));
  let swept = 0;
  if (left.length === 0) return swept;
  kernel.sweepTurn.run(() => {
    // Looked at again: another thread may have had its turn meanwhile.
    for (const page of left) if (isAbandoned(kernel, page)) swept += settle(kernel, page);
  });
  return swept;
}

/** Whether there is a ledger of a thread that has ended. */
function isAbandoned(kernel: Kernel, page: bigint): boolean {
  const owner = readLedger(kernel, page)?.owner;
  return owner !== undefined && kernel.system.hasEnded(owner);
}

/**
 * Pages that may be ledgers: without a file or a name, and read-only. V8 has hundreds of such pages
 * too; but only ledgers are kept out of forks as well, so that they share a mapping with no others,
 * and one that does not begin with a ledger has none.
 */
function candidates(kernel: Kernel): readonly bigint[] {
  const size = BigInt(kernel.pageSize);
  const all = kernel.mappings("maps", 0n, 2n ** 64n, ANONYMOUS) ?? [];
  return all.flatMap(({ start, end, name }) => {
    const pages = Number((end - start) / size);
    if (name !== "" || pages > LONGEST || !isTitled(kernel, start)) return [];
    return Array.from({ length: pages }, (_, index) => start + BigInt(index) * size);
  });
}

/** Gives back all that a ledger lists, the last first, and then the ledger. */
function settle(kernel: Kernel, page: bigint): number {
  for (let swept = 0; ; swept++) {
    const listed = readLedger(kernel, page)?.reservations;
    const last = listed?.at(-1);
    if (last === undefined) {
      if (listed !== undefined) kernel.unmap(page, kernel.pageSize);
      return swept;
    }
    const { address, byteLength } = last;
    const inside = kernel.mappings("smaps", address, address + byteLength) ?? [];
    if (!isReservation(inside, address, byteLength)) return swept;
    for (const mapping of inside) if (isMarked(mapping)) wipe(kernel, mapping);
    // Struck off first: whoever maps there next must not be listed.
    if (!strike(kernel, page)) return swept;
    if (kernel.unmap(address, Number(byteLength))) continue;
    strike(kernel, page, 1);
    return swept;
  }
}

/** Nothing but slots, and address space without access, from its first to its last byte. */
function isReservation(inside: readonly Mapping[], address: bigint, byteLength: bigint): boolean {
  let at = address;
  for (const mapping of inside) {
    const ours = isMarked(mapping) || (mapping.access.startsWith("---") && mapping.name === "");
    // The first and the last may have become one with what lies around them.
    if (mapping.start > at || !ours) return false;
    at = mapping.end;
  }
  return inside.length > 0 && at >= address + byteLength;
}

/** Pages that cannot be opened are given back as they are: the kernel hands them on as zeros. */
function wipe(kernel: Kernel, { start, end }: Mapping): void {
  if (!kernel.protect(start, end - start, "read-write")) return;
  kernel.zero(start, end - start);
  kernel.protect(start, end - start, "no-access");
}
