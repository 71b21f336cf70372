import { TAG_BYTES } from "../../../core/contract/sizes.ts";
import { offHeapBytes } from "../../../core/mod.ts";
import { channelError } from "./channel_error.ts";
import { MAX_FRAME, MAX_META, MAX_SECRET, PREFIX_BYTES, SALT_BYTES } from "./limits.ts";

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
 *     | u32 length of meta | u32 length of secret | salt 16 | meta, sealed | secret, sealed, unless length 0 |
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
          take(frameOf(rest, whole));
          rest = partOf(rest, whole, rest.length);
          continue;
        }
      }
      rest = this.#keep(rest);
      const held = partOf(this.#kept, 0, this.#length);
      if (frameLength(held) === held.length) {
        this.#length = 0;
        take(frameOf(held, held.length));
      }
    }
  }

  /** Keeps what belongs to the frame that is coming, and gives back what is behind it. */
  #keep(bytes: Uint8Array): Uint8Array {
    const held = partOf(this.#kept, 0, this.#length);
    const wanted = (frameLength(held) ?? PREFIX_BYTES) - this.#length;
    const taken = bytes.subarray(0, wanted);
    const needed = this.#length + taken.length;
    if (needed > this.#kept.length) {
      const larger = offHeapBytes(Math.min(MAX_FRAME, Math.max(needed, this.#kept.length * 2)));
      larger.set(held);
      this.#kept = larger;
    }
    this.#kept.set(taken, this.#length);
    this.#length = needed;
    return bytes.subarray(taken.length);
  }
}

/** Writes the prefix of a frame, but for its salt. */
export function writePrefix(frame: Uint8Array, metaLength: number, secretLength: number): void {
  writeLength(frame, 0, metaLength);
  writeLength(frame, 4, secretLength);
}

/** Length of the frame that begins here, or null while that cannot be told. */
function frameLength(bytes: Uint8Array): number | null {
  if (bytes.length < PREFIX_BYTES) return null;
  const meta = readU32(bytes, 0);
  const secret = readU32(bytes, 4);
  if (meta < 1 || meta > MAX_META || secret > MAX_SECRET) {
    throw channelError("a frame has a length that no message has");
  }
  return PREFIX_BYTES + meta + TAG_BYTES + (secret === 0 ? 0 : secret + TAG_BYTES);
}

/** The frame in the first `length` bytes. */
function frameOf(bytes: Uint8Array, length: number): Frame {
  const split = PREFIX_BYTES + readU32(bytes, 0) + TAG_BYTES;
  return {
    prefix: partOf(bytes, 0, PREFIX_BYTES),
    meta: partOf(bytes, PREFIX_BYTES, split),
    secret: split === length ? null : partOf(bytes, split, length),
  };
}

/** The salt in the prefix of a frame. */
export function saltOf(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  return partOf(frame, PREFIX_BYTES - SALT_BYTES, PREFIX_BYTES) as Uint8Array<ArrayBuffer>;
}

/** As `subarray`, which would ask for the constructor first: that takes longer than all the rest. */
export function partOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** Big-endian. */
export function readU32(bytes: Uint8Array, at: number): number {
  const byte = (index: number): number => bytes[at + index] as number;
  return ((byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)) >>> 0;
}

function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 24;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}
