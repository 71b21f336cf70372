import { offHeapBytes } from "../../../core/mod.ts";
import { channelError } from "./channel_error.ts";
import { MAX_FRAME, MAX_META, MAX_SECRET, PREFIX_BYTES, TAG_BYTES } from "./limits.ts";

/** One frame as it came, all of it still sealed. The views hold until the call that got it returns. */
export interface Frame {
  readonly prefix: Uint8Array;
  readonly meta: Uint8Array;
  /** Null when the frame carries no secret. */
  readonly secret: Uint8Array | null;
}

/**
 * Cuts a stream of bytes into frames.
 *
 *     | u32 length of meta | u32 length of secret | meta, sealed | secret, sealed, unless length 0 |
 *
 * Lengths are big-endian and count the plaintext. A frame that would be too large is refused by its
 * prefix, before room is made for it, so that at most {@link MAX_FRAME} bytes are ever kept.
 */
export class FrameReader {
  #kept: Uint8Array<ArrayBuffer> = offHeapBytes(4096);
  #length = 0;

  /** Bytes of a frame that is not complete. */
  get pending(): number {
    return this.#length;
  }

  /** @throws {LetheError} `ERR_LETHE_CHANNEL` for a frame that may not be; what `take` throws */
  push(chunk: Uint8Array, take: (frame: Frame) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#length === 0) {
        const whole = frameLength(rest);
        if (whole !== null && whole <= rest.length) {
          take(frameOf(rest.subarray(0, whole)));
          rest = rest.subarray(whole);
          continue;
        }
      }
      rest = this.#keep(rest);
      const whole = frameLength(this.#held);
      if (whole === this.#length) {
        const held = this.#held;
        this.#length = 0;
        take(frameOf(held));
      }
    }
  }

  get #held(): Uint8Array {
    return this.#kept.subarray(0, this.#length);
  }

  /** Keeps what belongs to the frame that is coming, and gives back what is behind it. */
  #keep(bytes: Uint8Array): Uint8Array {
    const wanted = (frameLength(this.#held) ?? PREFIX_BYTES) - this.#length;
    const taken = bytes.subarray(0, wanted);
    const needed = this.#length + taken.length;
    if (needed > this.#kept.length) {
      const larger = offHeapBytes(Math.min(MAX_FRAME, Math.max(needed, this.#kept.length * 2)));
      larger.set(this.#held);
      this.#kept = larger;
    }
    this.#kept.set(taken, this.#length);
    this.#length = needed;
    return bytes.subarray(taken.length);
  }
}

/** Writes the prefix of a frame. */
export function writePrefix(frame: Uint8Array, metaLength: number, secretLength: number): void {
  writeLength(frame, 0, metaLength);
  writeLength(frame, 4, secretLength);
}

/** Length of the frame that begins here, or null while that cannot be told. */
function frameLength(bytes: Uint8Array): number | null {
  if (bytes.length < PREFIX_BYTES) return null;
  const meta = readLength(bytes, 0);
  const secret = readLength(bytes, 4);
  if (meta < 1 || meta > MAX_META || secret > MAX_SECRET) {
    throw channelError("a frame has a length that no message has");
  }
  return PREFIX_BYTES + meta + TAG_BYTES + (secret === 0 ? 0 : secret + TAG_BYTES);
}

function frameOf(bytes: Uint8Array): Frame {
  const split = PREFIX_BYTES + readLength(bytes, 0) + TAG_BYTES;
  return {
    prefix: bytes.subarray(0, PREFIX_BYTES),
    meta: bytes.subarray(PREFIX_BYTES, split),
    secret: split === bytes.length ? null : bytes.subarray(split),
  };
}

function readLength(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 24;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}
