import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import { type View, within } from "../../features/envelopes/bytes.ts";
import { fill, type Input } from "../input.ts";

const PIECE_BYTES = 65_536;

/** Pieces of plaintext, straight from the kernel into secret memory. */
export async function* plaintextOf(
  secrets: Secrets,
  input: Input,
): AsyncGenerator<SecretBuffer, void, undefined> {
  for (;;) {
    const room = secrets.allocate(PIECE_BYTES);
    // Each read has a scope of its own: while nothing comes, the page is closed.
    const read = (offset: number): number | null =>
      room.modify((bytes) => input.read(bytes, offset));
    const length = await fill(PIECE_BYTES, read).catch((error: unknown) => {
      room.destroy();
      throw error;
    });
    if (length === PIECE_BYTES) yield room;
    else {
      const rest = length === 0 ? null : room.slice(0, length);
      room.destroy();
      if (rest !== null) yield rest;
      return;
    }
  }
}

/** Pieces of ciphertext. */
export async function* ciphertextOf(input: Input): AsyncGenerator<View, void, undefined> {
  for (;;) {
    const bytes = new Uint8Array(new ArrayBuffer(PIECE_BYTES));
    const length = await fill(PIECE_BYTES, (offset) =>
      input.hearsSignals ? input.read(bytes, offset) : input.readLater(bytes, offset),
    );
    if (length > 0) yield within(bytes, 0, length);
    if (length < PIECE_BYTES) return;
  }
}
