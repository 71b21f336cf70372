import { expect, it } from "vitest";
import { nobleEngine } from "./noble_engine.ts";

/** An array that keeps what is written to it at once. */
class Watched extends Uint8Array<ArrayBuffer> {
  readonly written: Uint8Array[] = [];

  override set(bytes: ArrayLike<number>, offset?: number): void {
    this.written.push(Uint8Array.from(bytes));
    super.set(bytes, offset);
  }
}

it.each([
  ["aeadSeal", 24],
  ["chachaSeal", 12],
] as const)(
  "%s puts no message into a small array that is to get its ciphertext",
  (seal, nonceBytes) => {
    const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(nonceBytes)];
    const sealedIn = (sealed: Uint8Array, message: Uint8Array): void =>
      nobleEngine()[seal](sealed, message, new Uint8Array(0), nonce, key);
    for (const length of [0, 1, 32, 239]) {
      const message = new Uint8Array(length).fill(7);
      const [small, large] = [new Watched(new ArrayBuffer(length + 16)), new Uint8Array(1024)];
      sealedIn(small, message);
      expect(small.written.length).toBeGreaterThan(0);
      for (const bytes of small.written) {
        expect(bytes.length).toBe(length + 16);
        expect(bytes.subarray(0, length).every((byte) => byte === 7)).toBe(length === 0);
      }
      sealedIn(large, new Uint8Array(1008).fill(7)); // the same stream, encrypted in its place
      expect(Uint8Array.from(small).subarray(0, length)).toEqual(large.slice(0, length));
    }
  },
);
