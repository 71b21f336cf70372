import { lengthOf } from "../../core/arguments/check_bytes.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { checkLive } from "../../core/check_live.ts";
import { checkOpen } from "../../core/check_open.ts";
import type { LetheError } from "../../core/contract/errors.ts";
import {
  FILE_KEY_BYTES,
  type Identity,
  type Land,
  type Recipient,
} from "../../core/contract/key_wrapper.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import type { SecretInput } from "../../core/standard/standard.ts";
import {
  copyPiece,
  lengthOfPiece,
  ownPiece,
  Pieces,
  type Source,
} from "../../core/stream_pieces.ts";
import { born, lend } from "../crypto/lend.ts";
import { address, unwrapFileKey } from "./address.ts";
import { joined, type View, within } from "./bytes.ts";
import { type EnvelopeContext, TAG_BYTES } from "./context.ts";
import { type Header, parseHeader } from "./header.ts";
import { HeaderBuffer } from "./header_buffer.ts";
import {
  CHUNK_BYTES,
  ChunkNonces,
  PAYLOAD_NONCE_BYTES,
  payloadKey,
  payloadNonce,
  SEALED_CHUNK_BYTES,
} from "./payload.ts";
import { checkContext } from "./public_context.ts";
import { forged, malformed } from "./refusal.ts";

const NOTHING: Uint8Array = new Uint8Array(0);

/** Whom a stream is for. */
export interface SealingTo {
  readonly recipients: readonly Recipient[];
  readonly publicContext: View | null;
}

/**
 * The envelope of all that `source` gives: the header, then a chunk each. What comes is taken over: bytes are copied
 * into secret memory and wiped at once, secrets are destroyed.
 */
export async function* sealChunks(
  context: EnvelopeContext,
  { recipients, publicContext }: SealingTo,
  source: Source<SecretInput>,
): AsyncGenerator<View, void, undefined> {
  const { secrets } = context;
  checkOpen(secrets, "seal stream");
  const fileKey = secrets.random(FILE_KEY_BYTES);
  const land: Land = (byteLength, fill) => {
    checkOpen(secrets, "seal stream");
    return context.land(byteLength, fill);
  };
  let sealer: ChunkSealer | null = null;
  try {
    yield await address(context, fileKey, recipients, publicContext);
    checkOpen(secrets, "seal stream");
    sealer = new ChunkSealer(context, fileKey);
    for (let given = await source(); given !== null; given = await source()) {
      const piece = ownPiece(given, land);
      const length = lengthOfPiece(piece);
      try {
        for (let taken = 0; taken < length; ) {
          // Whether a full chunk is the last one shows only when something comes after it.
          if (sealer.isFull) yield sealer.seal(false);
          taken += sealer.fill(piece, taken, length);
        }
      } finally {
        // Also where the rest of it is not sealed: it was taken over.
        if (isSecretBuffer(piece)) piece.destroy();
        else if (lengthOf(piece) > 0) wipeBytes(piece);
      }
    }
    yield sealer.seal(true);
  } finally {
    sealer?.end();
    fileKey.destroy();
  }
}

/** Holds the chunk that is being filled, and the key of the payload from the first one on. */
class ChunkSealer {
  readonly #context: EnvelopeContext;
  readonly #fileKey: SecretBuffer;
  readonly #room: SecretBuffer;
  readonly #nonces: ChunkNonces = new ChunkNonces();
  #key: SecretBuffer | null = null;
  #filled = 0;

  constructor(context: EnvelopeContext, fileKey: SecretBuffer) {
    this.#context = context;
    this.#fileKey = fileKey;
    this.#room = context.secrets.allocate(CHUNK_BYTES);
  }

  get isFull(): boolean {
    return this.#filled === CHUNK_BYTES;
  }

  /** Before each use: a purge may come at any wait, also before this object was made, while the header was taken. */
  #checkLive(): void {
    checkLive(this.#key ?? this.#fileKey, "seal stream");
    checkLive(this.#room, "seal stream");
  }

  /** @returns how many bytes of the piece it took */
  fill(piece: Uint8Array | SecretBuffer, start: number, length: number): number {
    this.#checkLive();
    const count = Math.min(length - start, CHUNK_BYTES - this.#filled);
    copyPiece(piece, start, this.#room, this.#filled, count);
    this.#filled += count;
    return count;
  }

  seal(last: boolean): View {
    this.#checkLive();
    const { engine } = this.#context;
    return this.#room.expose(({ buffer, byteOffset }) => {
      const message = new Uint8Array(buffer, byteOffset, this.#filled) as View;
      const nonce = this.#key === null ? this.#start(message) : NOTHING;
      const key = this.#key as unknown as SecretBuffer;
      const sealed = new Uint8Array(new ArrayBuffer(this.#filled + TAG_BYTES));
      lend([key], (key) =>
        engine.chachaSeal(sealed, message, NOTHING, this.#nonces.next(last), key),
      );
      this.#filled = 0;
      return nonce.length === 0 ? sealed : joined(nonce, sealed);
    });
  }

  /** The nonce of the payload also depends on its first chunk: see {@link payloadNonce}. */
  #start(message: View): View {
    const nonce = payloadNonce(this.#context, this.#fileKey, message);
    this.#key = payloadKey(this.#context, this.#fileKey, nonce);
    this.#fileKey.destroy();
    return nonce;
  }

  end(): void {
    this.#room.destroy();
    this.#key?.destroy();
  }
}

/** Who opens a stream, and what it must be for. */
export interface OpeningBy {
  readonly identities: readonly Identity[];
  /** Null: no context. */
  readonly wanted: View | null;
}

/** What was sealed, a chunk each. Whoever takes one is to destroy it. */
export async function* openChunks(
  context: EnvelopeContext,
  { identities, wanted }: OpeningBy,
  source: Source<Uint8Array>,
): AsyncGenerator<SecretBuffer, void, undefined> {
  const pieces = new Pieces(source);
  const { header, rest } = await readHeader(pieces);
  const fileKey = await unwrapFileKey(context, header, identities);
  let key: SecretBuffer | null = null;
  try {
    checkContext(header.stanzas, wanted);
    pieces.putBack(rest);
    const nonce = await pieces.take(PAYLOAD_NONCE_BYTES);
    checkLive(fileKey, "open stream");
    if (nonce.length < PAYLOAD_NONCE_BYTES) throw malformed("it ends before its payload");
    key = payloadKey(context, fileKey, nonce);
    fileKey.destroy();
    const opener = new ChunkOpener(context, key);
    for (;;) {
      const sealed = await pieces.take(SEALED_CHUNK_BYTES);
      const last = await pieces.ended();
      const secret = opener.open(sealed, last);
      if (secret !== null) yield secret;
      if (opener.isMisplaced) throw broken();
      if (last) return;
    }
  } finally {
    fileKey.destroy();
    key?.destroy();
  }
}

class ChunkOpener {
  readonly #context: EnvelopeContext;
  readonly #key: SecretBuffer;
  readonly #nonces: ChunkNonces = new ChunkNonces();

  constructor(context: EnvelopeContext, key: SecretBuffer) {
    this.#context = context;
    this.#key = key;
  }

  /**
   * Whether the chunk that was opened is authentic, but the last one where more follows, or not the last one where nothing
   * does: what was cut or added is behind it. The chunk itself is given out, as `age` does.
   */
  isMisplaced = false;

  /** Null for a chunk of nothing, which only a whole payload of nothing has. */
  open(sealed: View, last: boolean): SecretBuffer | null {
    checkLive(this.#key, "open stream");
    const { engine, secrets } = this.#context;
    const byteLength = sealed.length - TAG_BYTES;
    if (byteLength < 0 || (byteLength === 0 && this.#nonces.any)) throw broken();
    const nonce = this.#nonces.next(last);
    const into = (message: Uint8Array): void => {
      const unseal = (nonce: Uint8Array): boolean =>
        lend([this.#key], (key) => engine.chachaUnseal(message, sealed, NOTHING, nonce, key));
      if (unseal(nonce)) return;
      this.isMisplaced = sealed.length === SEALED_CHUNK_BYTES && unseal(this.#nonces.flip());
      if (!this.isMisplaced) throw broken();
    };
    if (byteLength > 0) return born(secrets, byteLength, into);
    into(new Uint8Array(0));
    return null;
  }
}

function broken(): LetheError {
  return forged("its payload is not authentic from here on");
}

/** The header, and what came with its last piece. */
async function readHeader(
  pieces: Pieces,
): Promise<{ readonly header: Header; readonly rest: View }> {
  const buffer = new HeaderBuffer();
  for (;;) {
    const piece = await pieces.some();
    if (piece === null) throw malformed("its header does not end");
    const taken = buffer.push(piece);
    if (buffer.whole) return { header: parseHeader(buffer.bytes), rest: within(piece, taken) };
  }
}
