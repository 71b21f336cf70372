import type { SecretBuffer } from "../../../core/mod.ts";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import type { SealStreamOptions, UnsealStreamOptions } from "../../../features/enclave/streams.ts";
import { openSealing, type Sealing } from "./sealing.ts";

const opened: { purge(): void }[] = [];

/** Purges the secrets of all {@link streams} since the last time. */
export function purgeStreams(): void {
  for (const secrets of opened.splice(0)) secrets.purge();
}

type Piece = Uint8Array | SecretBuffer;
interface Streams extends Sealing {
  readonly key: SecretBuffer;
  seal(pieces: readonly Piece[], options?: SealStreamOptions): Promise<Uint8Array[]>;
  open(pieces: readonly Uint8Array[], options?: UnsealStreamOptions): Promise<Uint8Array>;
}

/** Seals and opens whole streams, with secrets and a key that are new. */
export function streams(options: object = {}): Streams {
  const all = openSealing(openSodiumEngine(), options);
  opened.push(all.secrets);
  const { secrets, sealer } = all;
  const key = secrets.random(32);
  return {
    ...all,
    key,
    seal: (pieces, options = { key, chunkBytes: 64 }) =>
      Array.fromAsync(ReadableStream.from(pieces).pipeThrough(sealer.sealStream(options))),
    async open(pieces, options = { key }) {
      const parts: Uint8Array[] = [];
      for await (const secret of ReadableStream.from(pieces).pipeThrough(
        sealer.unsealStream(options),
      ) as AsyncIterable<SecretBuffer>) {
        parts.push(secret.expose((bytes) => bytes.slice()));
        secret.destroy();
      }
      return Buffer.concat(parts);
    },
  };
}

/** The two ends of a pair. */
export function ends(pair: {
  readonly readable: object;
  readonly writable: object;
}): readonly [ReadableStreamDefaultReader<unknown>, WritableStreamDefaultWriter<unknown>] {
  return [
    (pair.readable as ReadableStream).getReader(),
    (pair.writable as WritableStream).getWriter(),
  ];
}
