import { LetheError, type Region } from "../../../core/mod.ts";
import { SodiumMemory } from "../../../memories/sodium/sodium_memory.ts";
import type { FakeMachine } from "./fake_machine.ts";

export const open = (machine: FakeMachine): SodiumMemory =>
  new SodiumMemory(machine.sodium, machine.kernel, "not found");

/** Fills a region and closes it, as a secret does. */
export function fill(region: Region, byte: number): void {
  region.protect("read-write");
  region.view().fill(byte);
  region.detach();
  region.protect("no-access");
}

export function bytesOf(region: Region): Uint8Array {
  region.protect("read-only");
  const copy = region.view().slice();
  region.detach();
  region.protect("no-access");
  return copy;
}

export function destroy(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}

/** The pages below an open region. */
export function pagesOf(machine: FakeMachine, region: Region): ReturnType<FakeMachine["pagesOf"]> {
  region.protect("read-only");
  const pages = machine.pagesOf(region.view().buffer);
  region.detach();
  region.protect("no-access");
  return pages;
}

export function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LetheError) return error.code;
    throw error;
  }
  return "none";
}
