import { LetheError } from "../../core/contract/errors.ts";
import { NONCE_BYTES, TAG_BYTES } from "../../core/contract/sizes.ts";
import type { Fresh } from "../../core/fresh.ts";

/**
 * A sealed stream, after the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), with the
 * place of a chunk in its additional data instead of its nonce:
 *
 *     | header 28 | chunk 0 | chunk 1 | ... | last chunk |
 *     header:     "LETH" | version 2 | kind | 0 0 | bytes of a chunk, 32 bits little-endian | name 16
 *     chunk:      nonce 24 | ciphertext | tag 16
 *     additional: header 28 | number of the chunk, 56 bits little-endian | 1 for the last chunk, else 0
 *
 * The cipher is XChaCha20-Poly1305. All chunks but the last have the same length; the last is empty only
 * when the stream is. So a stream that was cut, reordered, repeated, extended or joined from two opens at no
 * chunk beyond the damage, and never ends well.
 *
 * Each chunk has a nonce of its own making, and not one that follows from its number: two continuations of
 * one image of a process are in the middle of the same stream, and go on with different chunks. The name is
 * random: 2^48 streams under one key until two share it, and could be mixed, with a chance of 2^-33.
 */
export interface StreamHeader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly chunkBytes: number;
}

/** Whose key it is. Part of the header, so that neither can be taken for the other. */
export type StreamKind = "key" | "session";

export const HEADER_BYTES = 28;
/** Plaintext bytes of a chunk unless the options say otherwise: fits a small lock limit. */
export const USUAL_CHUNK_BYTES: number = 2 ** 14;
/** The most: what comes from outside must not make the reader take more. */
export const MOST_CHUNK_BYTES: number = 2 ** 20;

const MAGIC: readonly number[] = [0x4c, 0x45, 0x54, 0x48, 2];
const KINDS: readonly StreamKind[] = ["key", "session"];
const KIND_AT = 5;
const CHUNK_AT = 8;
const NAME_AT = 12;

/** @param fresh makes the name */
export function newHeader(kind: StreamKind, chunkBytes: number, fresh: Fresh): StreamHeader {
  const bytes = new Uint8Array(new ArrayBuffer(HEADER_BYTES));
  bytes.set(MAGIC);
  bytes[KIND_AT] = KINDS.indexOf(kind);
  new DataView(bytes.buffer).setUint32(CHUNK_AT, chunkBytes, true);
  fresh.fill(bytes.subarray(NAME_AT));
  return { bytes, chunkBytes };
}

/** @throws {LetheError} `ERR_LETHE_FORGED` for what is not a header of a stream of this kind */
export function parseHeader(bytes: Uint8Array<ArrayBuffer>, kind: StreamKind): StreamHeader {
  const chunkBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(CHUNK_AT, true);
  const known =
    MAGIC.every((byte, index) => bytes[index] === byte) &&
    KINDS[bytes[KIND_AT] as number] === kind &&
    chunkBytes >= 1 &&
    chunkBytes <= MOST_CHUNK_BYTES;
  if (!known) throw forged();
  return { bytes, chunkBytes };
}

/** The additional data of the chunks of one stream: each place is given once, and none after the last. */
export class StreamPlaces {
  readonly #additional: Uint8Array<ArrayBuffer> = new Uint8Array(
    new ArrayBuffer(HEADER_BYTES + PLACE_BYTES),
  );
  #number = 0;

  constructor(header: StreamHeader) {
    this.#additional.set(header.bytes);
  }

  get any(): boolean {
    return this.#number > 0;
  }

  next(last: boolean): Uint8Array<ArrayBuffer> {
    const end = this.#additional.length - 1;
    let rest = this.#number;
    for (let at = HEADER_BYTES; at < end; at++) {
      this.#additional[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#additional[end] = last ? 1 : 0;
    this.#number += 1;
    return this.#additional;
  }
}

const PLACE_BYTES = 8;
/** What sealing adds to a chunk. */
export const CHUNK_OVERHEAD: number = NONCE_BYTES + TAG_BYTES;

/** Bytes of a chunk as it is sealed. */
export function sealedBytes(chunkBytes: number): number {
  return chunkBytes + CHUNK_OVERHEAD;
}

/**
 * What came from outside is not authentic. That is not misuse: under `onMisuse: "crash"` whoever can
 * send a stream could end the process.
 */
export function forged(): LetheError {
  return new LetheError(
    "ERR_LETHE_FORGED",
    "Cannot open stream: it was cut, altered, reordered or extended, or has another key",
  );
}
