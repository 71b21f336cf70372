import type { Protection, Region, SecretBuffer, SecretMemory } from "../../core/mod.ts";

/** Around every bound that allocators and engines have: in-heap arrays, words, pages. */
export const SIZES: readonly number[] = [1, 16, 32, 64, 65, 4095, 4096, 4097, 1_048_576];

/** Also between the bounds, where size classes begin and end, and of whole pages. */
export const MORE_SIZES: readonly number[] = [
  ...SIZES,
  ...[2, 8, 24, 48, 100, 128, 129, 255, 256, 257, 512, 1000, 1024, 2048, 3000, 8192, 65_536],
];

const PERIOD = 251;
let pattern = new Uint8Array(0);

/** Bytes that differ from their neighbours, from zero, and from those of another `start`. */
export function sample(byteLength: number, start: number = 1): Uint8Array<ArrayBuffer> {
  const from = start % PERIOD;
  const needed = PERIOD + byteLength; // whatever the start
  if (pattern.length < needed) {
    pattern = new Uint8Array(needed);
    for (let index = 0; index < needed; index++) pattern[index] = (index % PERIOD) + 1;
  }
  return pattern.slice(from, from + byteLength);
}

/** Writes {@link sample} into a secret. */
export function write(secret: SecretBuffer, start: number = 1): void {
  secret.modify((bytes) => bytes.set(sample(bytes.length, start)));
}

/** A copy of a secret's bytes. They are samples, and may be copied. */
export function read(secret: SecretBuffer): Uint8Array<ArrayBuffer> {
  return secret.expose((bytes) => bytes.slice());
}

/** Runs `use` on a region in the order that the lifecycle has, and releases it. */
export function withRegion(
  memory: SecretMemory,
  byteLength: number,
  use: (region: Region) => void,
): void {
  const region = memory.allocate(byteLength);
  try {
    use(region);
  } finally {
    end(region);
  }
}

/** Opens the pages of `region`, hands out its view, and closes them again. */
export function within<T>(
  region: Region,
  protection: Protection,
  use: (bytes: Uint8Array<ArrayBuffer>) => T,
): T {
  region.protect(protection);
  try {
    return use(region.view());
  } finally {
    region.detach();
    region.protect("no-access");
  }
}

/** Ends a region as `destroy` does. */
export function end(region: Region): void {
  region.protect("read-write");
  region.wipe();
  region.detach();
  region.protect("no-access");
  region.release();
}

/** A promise and the functions that settle it. */
export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(reason: Error): void;
}

export function defer(): Deferred {
  let resolve: () => void = unset;
  let reject: (reason: Error) => void = unset;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function unset(): never {
  throw new Error("A promise runs its executor at once");
}
