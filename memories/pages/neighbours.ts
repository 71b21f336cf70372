import type { Protection, Region } from "../../core/contract/memory.ts";
import type { Kernel } from "./kernel.ts";
import { GuardedRegion } from "./region.ts";

/**
 * Protects several regions, with as few requests as keep every promise.
 *
 * Closing takes one request for each run of neighbours, over the guard pages between them, which
 * are closed already. Opening takes one for each region: a single one would open those guard pages
 * too. Nothing is lost by that where it matters: only taking access away interrupts the other cores
 * of a busy process, while giving access changes nothing that they may have cached.
 *
 * Opening is all or nothing: regions that this call opened are closed again when one is refused.
 *
 * @throws {LetheError} `ERR_LETHE_PROTECT`, after every region was tried
 */
export function protectAll(
  kernel: Kernel,
  regions: readonly Region[],
  protection: Protection,
): void {
  if (protection === "no-access") closeAll(kernel, regions);
  else openAll(kernel, regions, protection);
}

function openAll(kernel: Kernel, regions: readonly Region[], protection: Protection): void {
  const opened: Region[] = [];
  try {
    for (const region of regions) {
      opened.push(region);
      region.protect(protection);
    }
  } catch (error) {
    closeAll(kernel, opened);
    throw error;
  }
}

function closeAll(kernel: Kernel, regions: readonly Region[]): void {
  const guarded: GuardedRegion[] = [];
  const others: Region[] = [];
  for (const region of regions) {
    if (region instanceof GuardedRegion && region.live) guarded.push(region);
    else others.push(region);
  }
  const alone = runs(kernel, guarded).filter((run) => !closeRun(kernel, run));
  const errors: unknown[] = [];
  for (const region of [...others, ...alone.flat()]) {
    try {
      region.protect("no-access");
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** One request for a run of neighbours. False: it was refused, or would save nothing. */
function closeRun(kernel: Kernel, run: readonly GuardedRegion[]): boolean {
  const first = run[0];
  const last = run.at(-1);
  if (first === undefined || last === undefined || first === last) return false;
  for (const region of run) region.protectionChanged(null);
  const length = last.slot.address + last.slot.size - first.slot.address;
  if (!kernel.protect(first.slot.address, length, "no-access")) return false;
  for (const region of run) region.protectionChanged("no-access");
  return true;
}

/** Regions by address, cut wherever more than one guard page lies between two of them. */
function runs(kernel: Kernel, regions: readonly GuardedRegion[]): GuardedRegion[][] {
  const guard = BigInt(kernel.pageSize);
  const ascending = [...regions].sort((a, b) => (a.slot.address < b.slot.address ? -1 : 1));
  const result: GuardedRegion[][] = [];
  let end: bigint | null = null;
  for (const region of ascending) {
    const run = result.at(-1);
    if (run !== undefined && end !== null && end + guard === region.slot.address) run.push(region);
    else result.push([region]);
    end = region.slot.address + region.slot.size;
  }
  return result;
}
