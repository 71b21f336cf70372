import { type Guarantees, offHeapBytes, type Region, type SecretMemory } from "../../core/mod.ts";
import { loadSodiumNative } from "../../system/sodium_native/load_sodium_native.ts";
import type { SodiumAllocator } from "../../system/sodium_native/sodium_native.ts";
import { type Kernel, PROC } from "./kernel.ts";
import { SlotPool, SODIUM_CANARY_BYTES } from "./slot_pool.ts";
import { type SodiumTables, sodiumTables } from "./sodium_guarantees.ts";
import { CANARY_BYTES, SodiumRegion } from "./sodium_region.ts";

/**
 * Guarded memory of libsodium, through the optional dependency sodium-native 5.
 *
 * Closed at rest, guard pages on both sides, a canary before the data, not dumped, and locked where
 * the kernel's tables show it. What it does not do: libsodium leaves the pages to forked children,
 * and a process with ptrace rights reads them.
 *
 * One memory serves a thread: its slots are a pool, and they are never given back while the event
 * loop does not turn.
 */
export class SodiumMemory implements SecretMemory {
  readonly name = "sodium";
  readonly guarantees: Guarantees;
  readonly #sodium: SodiumAllocator;
  readonly #pool: SlotPool;
  readonly #tables: SodiumTables;
  readonly #canary = offHeapBytes(CANARY_BYTES);

  /** @param kernel what attests the slots; `null` with a `reason` where there is none */
  constructor(sodium: SodiumAllocator, kernel: Kernel | null, reason: string) {
    this.#sodium = sodium;
    sodium.randombytes_buf(this.#canary);
    this.#pool = new SlotPool(sodium, kernel, kernel?.pageSize() ?? SMALLEST_PAGE);
    const slot = this.#pool.take(1);
    this.#tables = sodiumTables(slot, kernel, reason);
    this.guarantees = this.#tables(slot.attestation);
    this.#pool.give(slot);
  }

  allocate(byteLength: number): Region {
    const taken = byteLength + CANARY_BYTES + SODIUM_CANARY_BYTES;
    const slot = this.#pool.take(Math.ceil(taken / this.#pool.pageSize));
    const table = this.#tables(slot.attestation);
    return new SodiumRegion(slot, byteLength, table, this.#canary, (back) => this.#pool.give(back));
  }

  /** Gives idle slots back once the event loop turns: libsodium gives memory back only then. */
  sweep(): void {
    this.#pool.empty();
  }

  /** libsodium asks getrandom(2) for each call, and keeps nothing of what it hands out. */
  randomize(bytes: Uint8Array): void {
    this.#sodium.randombytes_buf(bytes);
  }
}

/**
 * Opens sodium memory and asks the kernel what it got.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without sodium-native
 */
export function openSodiumMemory(): SecretMemory {
  const sodium = loadSodiumNative();
  const refusal = refusalOf(PROC);
  if (refusal === null) {
    return new SodiumMemory(sodium, PROC, "its pages were not found in /proc/self/smaps");
  }
  const reason = `the kernel's tables in /proc/self cannot be read here (${refusal})`;
  return new SodiumMemory(sodium, null, reason);
}

/** Why the kernel cannot be asked: the code of the error. Null: it can be. */
function refusalOf(kernel: Kernel): string | null {
  try {
    for (const { start } of kernel.smaps()) {
      if (!(kernel.pageSize() > 0)) return "no page size in auxv";
      return kernel.read(start, 1).length === 1 ? null : "mem gives nothing";
    }
    return "smaps is empty";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? "they have another form");
  }
}

let opened: SecretMemory | undefined;

/** Sodium memory as a runtime offers it: one pool of slots for all secrets of the thread. */
export const SODIUM_PROVIDER: { readonly name: "sodium"; open(): SecretMemory } = {
  name: "sodium",
  open() {
    opened ??= openSodiumMemory();
    return opened;
  },
};

/** Where the page size cannot be asked. libsodium rounds up to the real one. */
const SMALLEST_PAGE = 4096;
