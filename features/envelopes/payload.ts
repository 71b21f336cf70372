import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { ascii } from "../../core/sealed_key_mark.ts";
import { hkdf } from "../crypto/hkdf.ts";
import { lend } from "../crypto/lend.ts";
import { makeNonce } from "../crypto/nonce.ts";
import { joined, type View, within } from "./bytes.ts";
import { type EnvelopeContext, TAG_BYTES } from "./context.ts";
import { forged, malformed } from "./refusal.ts";

/** Plaintext of a chunk; the last may have less (C2SP age, "Payload"). */
export const CHUNK_BYTES = 65_536;
export const SEALED_CHUNK_BYTES: number = CHUNK_BYTES + TAG_BYTES;
export const PAYLOAD_NONCE_BYTES = 16;

const INFO = joined(ascii("payload"));
const NOTHING: Uint8Array = new Uint8Array(0);

/** Bytes of the payload for so much plaintext. */
export function payloadLength(byteLength: number): number {
  const chunks = Math.max(1, Math.ceil(byteLength / CHUNK_BYTES));
  return PAYLOAD_NONCE_BYTES + byteLength + chunks * TAG_BYTES;
}

/**
 * Plaintext bytes of a payload of this length.
 *
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_FORMAT`, `ERR_LETHE_FORGED` when no payload has it
 */
export function plaintextLength(byteLength: number): number {
  const sealed = byteLength - PAYLOAD_NONCE_BYTES;
  if (sealed < 0) throw malformed("it ends before its payload");
  const chunks = Math.ceil(sealed / SEALED_CHUNK_BYTES);
  const length = sealed - chunks * TAG_BYTES;
  if (chunks === 0 || length < 0 || payloadLength(length) !== byteLength) {
    throw forged("its payload ends in the middle of a chunk");
  }
  return length;
}

/** A nonce for a payload that begins with `start`; public. */
export function payloadNonce(
  { engine, fresh }: EnvelopeContext,
  fileKey: SecretBuffer,
  start: Uint8Array,
): View {
  const nonce = new Uint8Array(new ArrayBuffer(PAYLOAD_NONCE_BYTES));
  lend([fileKey], (key) => makeNonce(nonce, fresh, engine, key, start));
  return nonce;
}

/** The key of a payload, yours to destroy. */
export function payloadKey(
  { engine, secrets }: EnvelopeContext,
  fileKey: SecretBuffer,
  nonce: View,
): SecretBuffer {
  return hkdf(engine, secrets, "sha256", fileKey, { salt: nonce, info: INFO });
}

/** Counts the chunks of one payload, and makes the nonce of each: a counter of 11 bytes, and whether it is the last. */
export class ChunkNonces {
  readonly #nonce: View = new Uint8Array(new ArrayBuffer(12));
  #count = 0;

  /** Whether there was one. */
  get any(): boolean {
    return this.#count > 0;
  }

  /** The next nonce; good until the next call. */
  next(last: boolean): View {
    const nonce = this.#nonce;
    let rest = this.#count++; // below 2^53: some 10^20 bytes
    for (let at = 10; at >= 4; at--) {
      nonce[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    nonce[11] = last ? 1 : 0;
    return nonce;
  }

  /** The same nonce, as if the chunk were the last, or were not. */
  flip(): View {
    this.#nonce[11] = (this.#nonce[11] as number) ^ 1;
    return this.#nonce;
  }
}

/** Encrypts all of `message` into `target`, which has room for its chunks. */
export function sealPayload(
  { engine }: EnvelopeContext,
  key: Uint8Array,
  message: View,
  target: View,
): void {
  const nonces = new ChunkNonces();
  let from = 0;
  let to = 0;
  do {
    const length = Math.min(CHUNK_BYTES, message.length - from);
    const sealed = within(target, to, to + length + TAG_BYTES);
    const nonce = nonces.next(from + length === message.length);
    engine.chachaSeal(sealed, within(message, from, from + length), NOTHING, nonce, key);
    from += length;
    to += sealed.length;
  } while (from < message.length);
}

/**
 * The reverse. The lengths belong together: see {@link plaintextLength}.
 *
 * @returns false when it is not authentic; what was decrypted before is then still in `message`
 */
export function openPayload(
  { engine }: EnvelopeContext,
  key: Uint8Array,
  sealed: View,
  message: View,
): boolean {
  const nonces = new ChunkNonces();
  let from = 0;
  let to = 0;
  do {
    const end = Math.min(sealed.length, from + SEALED_CHUNK_BYTES);
    const length = end - from - TAG_BYTES;
    const part = within(message, to, to + length);
    const nonce = nonces.next(end === sealed.length);
    if (!engine.chachaUnseal(part, within(sealed, from, end), NOTHING, nonce, key)) return false;
    from = end;
    to += length;
  } while (from < sealed.length);
  return true;
}
