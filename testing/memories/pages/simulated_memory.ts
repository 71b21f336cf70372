import { LetheError } from "../../../core/contract/errors.ts";
import type { Region } from "../../../core/contract/memory.ts";
import {
  type GuardedMemory,
  openKernel,
  openPages,
  openSecretmem,
} from "../../../memories/pages/mod.ts";
import { type Machine, SimulatedKernel } from "./simulated_kernel.ts";

export const MEMORIES: Readonly<Record<"pages" | "secretmem", typeof openPages>> = {
  pages: openPages,
  secretmem: openSecretmem,
};

/** A memory on a machine of its own. */
export function open(
  name: keyof typeof MEMORIES,
  machine: Partial<Machine> = {},
): { kernel: SimulatedKernel; memory: GuardedMemory } {
  const kernel = new SimulatedKernel(machine);
  return { kernel, memory: MEMORIES[name](openKernel(kernel)) };
}

/** Writes to a region, and closes it. */
export function use(region: Region, byte: number = 0xa5): void {
  region.protect("read-write");
  region.view().fill(byte);
  region.detach();
  region.protect("no-access");
}

/** Ends a region as the lifecycle does. */
export function destroy(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}

/** The code of what is thrown. */
export function code(run: () => unknown): string {
  try {
    run();
    return "returned";
  } catch (error) {
    return error instanceof LetheError ? error.code : String(error);
  }
}
