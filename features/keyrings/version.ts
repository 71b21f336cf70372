import { fillRandom } from "../../core/globals.ts";

/**
 * The version of one read, for a store that tells which secret it has and not whether its bytes changed. Two
 * reads never have the same one; what reads compares the bytes, as `rotating` does.
 *
 * @param name what the store says: a number, a time
 */
export function freshVersion(name: string): string {
  const random = [...fillRandom(new Uint8Array(8))];
  return `${name}.${random.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
