import { offHeapBytes } from "../../../core/mod.ts";
import { partOf } from "./frame_reader.ts";

/** Room that is made at a time: for some hundred frames of an everyday call. */
const PIECE_BYTES = 16_384;

/**
 * Frames on their way out, one behind the other, so that one write takes all of them as they lie.
 * No room is used twice: what was written may still wait in the runtime.
 */
export class Outbox {
  #bytes = offHeapBytes(PIECE_BYTES);
  #start = 0;
  #end = 0;

  /** The next bytes. To be filled before the next call. */
  readonly room = (byteLength: number): Uint8Array => {
    if (this.#end + byteLength > this.#bytes.length) this.#move(byteLength);
    const start = this.#end;
    this.#end += byteLength;
    return partOf(this.#bytes, start, this.#end);
  };

  /** What came in since the last time, as one piece; null for nothing. */
  take(): Uint8Array | null {
    if (this.#start === this.#end) return null;
    const whole = partOf(this.#bytes, this.#start, this.#end);
    this.#start = this.#end;
    return whole;
  }

  #move(byteLength: number): void {
    const waiting = partOf(this.#bytes, this.#start, this.#end);
    this.#bytes = offHeapBytes(Math.max(PIECE_BYTES, 2 * waiting.length + byteLength));
    this.#bytes.set(waiting);
    this.#start = 0;
    this.#end = waiting.length;
  }
}
