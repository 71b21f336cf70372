import { readSync } from "node:fs";
import type { Sweep } from "./sweep.ts";

/** Fills `target` from `address` on. Gives the bytes read, at least one, or throws. */
export type ReadAt = (target: Uint8Array, address: number) => number;

/** Reads `/proc/PID/mem`, given its descriptor. */
export function memoryReader(descriptor: number): ReadAt {
  return (target, address) => readSync(descriptor, target, 0, target.length, address);
}

/**
 * Hands `start` up to `end` of the target to `sweep`. Gives the number of bytes that could not be read.
 *
 * `/proc/PID/mem` (proc_pid_mem(5)) is read like a file whose positions are addresses. The kernel
 * reads with FOLL_FORCE, so that pages without access are read too (since Linux 6.12 it can be told
 * not to: `proc_mem.force_override`). What it refuses (EIO), it refuses page by page: memfd_secret,
 * device memory, pages that are gone. A read may end early; then the next one starts at the page
 * that fails, and exactly that page is counted.
 */
export function readMemory(
  read: ReadAt,
  start: number,
  end: number,
  pageSize: number,
  sweep: Sweep,
): number {
  let unreadable = 0;
  for (let address = start; address < end; ) {
    const space = sweep.space(address, end - address);
    const count = readSome(read, space, address);
    if (count > 0) {
      sweep.filled(count);
      address += count;
    } else {
      const next = Math.min(end, address - (address % pageSize) + pageSize);
      unreadable += next - address;
      address = next;
    }
  }
  return unreadable;
}

function readSome(read: ReadAt, space: Uint8Array, address: number): number {
  try {
    return read(space, address);
  } catch {
    return 0; // EIO or EFAULT: the caller counts the page, and tells why from its mapping.
  }
}
