import { type Fresh, stir } from "../../../core/fresh.ts";
import { offHeapBytes } from "../../../core/mod.ts";
import { SALT_BYTES } from "./limits.ts";

/** Salts that the system is asked for at a time, after the first of a batch. */
const AT_A_TIME = 15;
/** With a longer message, hashing all of it would take longer than asking. */
const MOST_HASHED = 1024;

/**
 * Where the salts of frames come from that are sealed in one batch, while the keys are open once.
 *
 * The system is asked for the first one. The others come from a block that was asked for in the same batch,
 * because asking takes longer than sealing a short frame. A batch runs without a pause, and its block ends with
 * it. Only an image of the process that is taken in the middle of a batch holds salts of frames to come, and two
 * continuations of that image use them twice. So the whole message is hashed with them, as everywhere where
 * fresh bytes lie in the process: see {@link makeNonce}. For a long message the system is asked.
 */
export class Salts {
  readonly #fresh: Fresh;
  readonly #block: Uint8Array<ArrayBuffer> = offHeapBytes(AT_A_TIME * SALT_BYTES);
  readonly #kept: Fresh = { asksSystem: false, fill: (salt) => this.#take(salt) };
  #batch: number | null = null;
  #left = 0;

  constructor(fresh: Fresh) {
    this.#fresh = fresh;
  }

  /**
   * @param batch names the batch; each has another number than the one before
   * @param byteLength of the longest part of the message
   */
  of(batch: number, byteLength: number): Fresh {
    if (batch === this.#batch && byteLength <= MOST_HASHED && this.#fresh.asksSystem) {
      return this.#kept;
    }
    if (batch !== this.#batch) this.#left = 0;
    this.#batch = batch;
    return this.#fresh;
  }

  #take(salt: Uint8Array): void {
    if (this.#left === 0) {
      this.#fresh.fill(this.#block);
      this.#left = this.#block.length;
    }
    this.#left -= SALT_BYTES;
    for (let at = 0; at < SALT_BYTES; at++) salt[at] = this.#block[this.#left + at] as number;
    stir(salt);
  }
}
