import { lengthOf } from "../../core/arguments/check_bytes.ts";
import { wipeBytes } from "../../core/bytes.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { NONCE_BYTES } from "../../core/contract/sizes.ts";
import type { Fresh } from "../../core/fresh.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import {
  copyPiece,
  lengthOfPiece,
  ownPiece,
  Pieces,
  type Source,
} from "../../core/stream_pieces.ts";
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
  // Before each use: a purge may come at any wait.
  const checkLive = (): void => {
    if (room.state === "destroyed") throw purged("seal");
  };
  const seal = (last: boolean): Uint8Array<ArrayBuffer> => {
    checkLive();
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
      const piece = ownPiece(given, context.make);
      const length = lengthOfPiece(piece);
      try {
        for (let taken = 0; taken < length; ) {
          // Whether a full chunk is the last one shows only when something comes after it.
          if (filled === header.chunkBytes) yield seal(false);
          checkLive();
          const count = Math.min(length - taken, header.chunkBytes - filled);
          copyPiece(piece, taken, room, filled, count);
          taken += count;
          filled += count;
        }
      } finally {
        // Also where the rest of it is not sealed: it was taken over.
        if (isSecretBuffer(piece)) piece.destroy();
        else if (lengthOf(piece) > 0) wipeBytes(piece);
      }
    }
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

/** The end of a stream whose secrets were purged: not a misuse, since the room and key are no program's. */
export function purged(verb: string): LetheError {
  return new LetheError("ERR_LETHE_DESTROYED", `Cannot ${verb} stream: its secrets were purged`);
}
