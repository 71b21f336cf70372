/**
 * Whether bytes are nothing but zeros: what was wiped, was never filled, or was lost by a file system.
 * It takes the same time for all other bytes.
 */
export function isZero(bytes: Uint8Array): boolean {
  let seen = 0;
  for (let index = 0; index < bytes.length; index++) seen |= bytes[index] as number;
  return seen === 0;
}
