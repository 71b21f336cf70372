import { outOfRange, wrongKind } from "../../core/arguments/argument_error.ts";
import { checkInteger } from "../../core/arguments/check_integer.ts";
import { checkLive } from "../../core/check_live.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { KEY_BYTES } from "../../core/contract/sizes.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { lendingOf, makeOf, withInput } from "../../core/standard/lender.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";
import { type StreamPair, streamPair } from "../../core/stream_pair.ts";
import { checkNotZero } from "../crypto/check_key.ts";
import { type StreamContext, sealChunks, unsealChunks } from "./stream_chunks.ts";
import { MOST_CHUNK_BYTES, newHeader, USUAL_CHUNK_BYTES } from "./stream_format.ts";

/** How a stream is unsealed. */
export interface UnsealStreamOptions {
  /**
   * A key of 32 bytes. It stays the caller's. When it is destroyed before the stream ends, the stream fails with
   * `ERR_LETHE_DESTROYED`, which `onMisuse: "crash"` does not abort for. Without
   * it the stream is for this process alone: its key is an enclave of the same secrets.
   */
  readonly key?: StandardSecretV1;
}

/** How a stream is sealed. */
export interface SealStreamOptions extends UnsealStreamOptions {
  /** Plaintext bytes of a chunk, 1 to 2^20. Default 16,384. The stream uses this much secret memory. */
  readonly chunkBytes?: number;
}

/** See {@link Enclaves.sealStream}. */
export function sealing(
  context: StreamContext,
  chunkBytes: number = USUAL_CHUNK_BYTES,
): StreamPair<Uint8Array<ArrayBuffer>> {
  checkInteger(chunkBytes, "seal stream", "chunkBytes", 1, MOST_CHUNK_BYTES);
  const header = newHeader(context.kind, chunkBytes, context.fresh);
  return streamPair<SecretInput, Uint8Array<ArrayBuffer>>((source) =>
    sealChunks(context, header, source),
  );
}

/** See {@link Enclaves.unsealStream}. */
export function unsealing(context: StreamContext): StreamPair<SecretBuffer> {
  return streamPair<Uint8Array, SecretBuffer>(
    (source) => unsealChunks(context, source),
    (secret) => secret.destroy(),
  );
}

/** Lends the key of a stream for one chunk. */
export type WithKey = StreamContext["withKey"];

/** @throws {TypeError | RangeError} unless it is a secret of 32 bytes or undefined */
export function checkStreamKey(
  key: unknown,
  verb: string,
  make: StreamContext["make"],
): WithKey | undefined {
  if (key === undefined) return undefined;
  const lending = lendingOf(key);
  if (lending === null) {
    throw wrongKind(`Cannot ${verb} stream as key must be a SecretBuffer`, key);
  }
  if (lending.byteLength !== KEY_BYTES) {
    throw outOfRange(`Cannot ${verb} stream as key must have ${KEY_BYTES} bytes`);
  }
  withInput(key, `${verb} stream`, "key", (bytes) => checkNotZero(bytes, `${verb} stream`, "key"));
  if (isSecretBuffer(key)) {
    return (use) => {
      checkLive(key, `${verb} stream`, "its key was destroyed");
      return key.expose(use);
    };
  }
  return (use) => {
    const copy = makeOf(key, `${verb} stream`, "key", (bytes) =>
      make(KEY_BYTES, (page) => page.set(bytes)),
    );
    try {
      return copy.expose(use);
    } finally {
      copy.destroy();
    }
  };
}
