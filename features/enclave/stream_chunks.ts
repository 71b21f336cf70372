import { wrongType } from "../../core/arguments/argument_error.ts";
import { isBytes, lengthOf, publicBytes } from "../../core/arguments/check_bytes.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { wipeBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { isSecretBuffer, type SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { NONCE_BYTES } from "../../core/contract/sizes.ts";
import type { Fresh } from "../../core/random.ts";
import { lendingOf, makeOf } from "../../core/standard/lender.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import { makeNonce } from "../crypto/nonce.ts";
import {
  CHUNK_OVERHEAD,
  forged,
  HEADER_BYTES,
  parseHeader,
  type StreamHeader,
  type StreamKind,
  StreamPlaces,
  sealedBytes,
} from "./stream_format.ts";

/** What streams need of the {@link Secrets} that they belong to. */
export interface StreamContext {
  readonly engine: CryptoEngine;
  readonly kind: StreamKind;
  /** For the nonce of each chunk. */
  readonly fresh: Fresh;
  /** Lends the key for one chunk. */
  withKey<T>(use: (key: Uint8Array) => T): T;
  make(byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void): SecretBuffer;
}

/** Pulls the next piece, or null at the end. */
export type Source<T> = () => Promise<T | null>;

/**
 * The sealed form of all that `source` gives. What comes is taken over: bytes are copied into secret
 * memory and wiped at once, secrets are destroyed.
 */
export async function* sealChunks(
  context: StreamContext,
  header: StreamHeader,
  source: Source<SecretInput>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  yield header.bytes.slice();
  const room = context.make(header.chunkBytes, () => undefined);
  const places = new StreamPlaces(header);
  let filled = 0;
  const seal = (last: boolean): Uint8Array<ArrayBuffer> => {
    const sealed = new Uint8Array(new ArrayBuffer(sealedBytes(filled)));
    const { engine, fresh } = context;
    const [nonce, rest] = split(sealed);
    const place = places.next(last);
    room.expose(({ buffer, byteOffset }) =>
      context.withKey((key) => {
        const message = new Uint8Array(buffer, byteOffset, filled);
        makeNonce(nonce, fresh, engine, key, message, place);
        engine.aeadSeal(rest, message, place, nonce, key);
      }),
    );
    filled = 0;
    return sealed;
  };
  try {
    for (let given = await source(); given !== null; given = await source()) {
      if (room.state === "destroyed") throw purged("seal");
      const piece = ownPiece(context, given);
      const length = lengthOfPiece(piece);
      for (let taken = 0; taken < length; ) {
        // Whether a full chunk is the last one shows only when something comes after it.
        if (filled === header.chunkBytes) yield seal(false);
        const count = Math.min(length - taken, header.chunkBytes - filled);
        copy(piece, taken, room, filled, count);
        taken += count;
        filled += count;
      }
      if (isSecretBuffer(piece)) piece.destroy();
      else if (length > 0) wipeBytes(piece);
    }
    if (room.state === "destroyed") throw purged("seal");
    yield seal(true);
  } finally {
    room.destroy();
  }
}

/** The secrets that `source` has sealed, a chunk each. Whoever takes one is to destroy it. */
export async function* unsealChunks(
  context: StreamContext,
  source: Source<Uint8Array>,
): AsyncGenerator<SecretBuffer, void, undefined> {
  const pieces = new Pieces(source);
  const header = parseHeader(await whole(pieces, HEADER_BYTES), context.kind);
  const places = new StreamPlaces(header);
  const open = (sealed: Uint8Array<ArrayBuffer>, last: boolean): SecretBuffer | null => {
    const [nonce, rest] = split(sealed);
    const place = places.next(last);
    const into = (message: Uint8Array): void => {
      const { engine } = context;
      const good = context.withKey((key) => engine.aeadUnseal(message, rest, place, nonce, key));
      if (!good) throw forged();
    };
    const byteLength = sealed.length - CHUNK_OVERHEAD;
    if (byteLength > 0) return context.make(byteLength, into);
    into(new Uint8Array(0));
    return null;
  };
  for (;;) {
    const sealed = await pieces.take(sealedBytes(header.chunkBytes));
    const last = await pieces.ended();
    const byteLength = sealed.length - CHUNK_OVERHEAD;
    if (byteLength < 0 || (byteLength === 0 && places.any)) throw forged();
    const secret = open(sealed, last);
    if (secret !== null) yield secret;
    if (last) return;
  }
}

/** The nonce of a sealed chunk, and the rest of it. */
function split({
  buffer,
  byteOffset,
  length,
}: Uint8Array<ArrayBuffer>): readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>] {
  return [
    new Uint8Array(buffer, byteOffset, NONCE_BYTES),
    new Uint8Array(buffer, byteOffset + NONCE_BYTES, length - NONCE_BYTES),
  ];
}

async function whole(pieces: Pieces, byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await pieces.take(byteLength);
  if (bytes.length < byteLength) throw forged();
  return bytes;
}

/** Sealed bytes as they come, given out in the lengths that are asked for. */
class Pieces {
  readonly #source: Source<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #taken = 0;

  constructor(source: Source<Uint8Array>) {
    this.#source = source;
  }

  /** Fewer than `byteLength` only at the end. */
  async take(byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(new ArrayBuffer(byteLength));
    let filled = 0;
    while (filled < byteLength && !(await this.ended())) {
      const rest = this.#piece.subarray(this.#taken, this.#taken + byteLength - filled);
      bytes.set(rest, filled);
      filled += rest.length;
      this.#taken += rest.length;
    }
    return bytes.subarray(0, filled);
  }

  /** Waits until there is another byte, or none ever. */
  async ended(): Promise<boolean> {
    while (this.#taken === this.#piece.length) {
      const piece = await this.#source();
      if (piece === null) return true;
      if (!isBytes(piece)) throw wrongPiece("open", "a Uint8Array", piece);
      this.#piece = publicBytes(piece, "open stream", "each chunk");
      this.#taken = 0;
    }
    if (this.#taken > this.#piece.length) throw changed("open");
    return false;
  }
}

/** A copy of what another library's secret lends. Each chunk is read more than once. */
function ownPiece({ make }: StreamContext, piece: SecretInput): Uint8Array | SecretBuffer {
  if (isSecretBuffer(piece) || lendingOf(piece) === null) return piece as Uint8Array;
  return makeOf(piece, "seal stream", "each chunk", (bytes) =>
    make(lengthOf(bytes), (page) => page.set(bytes)),
  );
}

function lengthOfPiece(piece: Uint8Array | SecretBuffer): number {
  if (isSecretBuffer(piece)) return piece.byteLength;
  if (!isBytes(piece)) throw wrongPiece("seal", "a Uint8Array or a SecretBuffer", piece);
  const length = lengthOf(piece);
  if (length === 0) publicBytes(piece, "seal stream", "each chunk"); // none is lost: it had none
  return length;
}

function copy(
  piece: Uint8Array | SecretBuffer,
  start: number,
  room: SecretBuffer,
  at: number,
  count: number,
): void {
  const from = (bytes: Uint8Array): void =>
    room.modify((target) => setPart(target, at, bytes, start, count));
  if (isSecretBuffer(piece)) piece.expose(from);
  else from(piece);
}

/**
 * V8 keeps small arrays on its heap and moves one whose `buffer` is asked for, leaving its bytes there:
 * a part of those is copied byte by byte. Never by `subarray`, which asks the view for its constructor.
 */
function setPart(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  start: number,
  count: number,
): void {
  const length = lengthOf(bytes);
  // It lies with the caller while chunks wait to be taken, who may have transferred or shrunk it.
  if (length < start + count) throw changed("seal");
  if (count === length) target.set(bytes, at);
  else if (length > SMALL_BYTES) {
    target.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, count), at);
  } else {
    for (let index = 0; index < count; index++) target[at + index] = bytes[start + index] as number;
  }
}

/** More than any engine keeps on its heap: V8 64 by default, SpiderMonkey 96. */
const SMALL_BYTES = 1024;

/** The end of a stream whose secrets were purged: not a misuse, since the room and key are no program's. */
export function purged(verb: string): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", `Cannot ${verb} stream: its secrets were purged`);
}

function changed(verb: string): TypeError {
  return wrongType(
    `Cannot ${verb} stream as a chunk must hold its bytes until it was taken: its buffer was detached or made smaller`,
  );
}

function wrongPiece(verb: string, kinds: string, value: unknown): TypeError {
  return wrongType(
    `Cannot ${verb} stream as each chunk must be ${kinds}: current value is ${kindOf(value)}`,
  );
}
