import type { ManagedRegion } from "./managed_region.ts";

/**
 * Lends the bytes to `take` for the last time, frozen or not, and destroys the secret: where no
 * other scope is open, the pages open once for both. When `take` throws, the secret stays.
 */
export function consumeRegion<T>(
  region: ManagedRegion,
  take: (bytes: Uint8Array<ArrayBuffer>) => T,
): T {
  const alone = region.openAlone();
  const bytes = alone ?? region.enter("expose");
  let result: T;
  try {
    result = take(bytes);
  } catch (error) {
    region.leave();
    throw error;
  }
  const ended = alone !== null && region.endAlone();
  try {
    region.destroy();
  } finally {
    if (!ended) region.leave();
  }
  return result;
}
