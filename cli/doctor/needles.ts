/** What doctor's probe and its scanner agree on. */

/** Bytes of the secret that is watched. */
export const SECRET_BYTES = 32;

/** The seed of the control, which lies in ordinary memory from the secret's birth to after its end. */
export function controlSeed(seed: number): number {
  return (seed ^ 0x5bd1e995) >>> 0;
}
