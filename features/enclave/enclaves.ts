import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { StreamPair } from "../../core/stream_pair.ts";
import type { Enclave } from "./enclave.ts";
import type { SealStreamOptions, UnsealStreamOptions } from "./streams.ts";

/**
 * Seals secrets, and streams of them, into ordinary memory under a session key that lies in secret memory.
 * They end with their {@link Secrets}: a purge destroys every enclave.
 */
export interface Enclaves {
  /**
   * Encrypts `secret` into ordinary memory and destroys it: guarded pages are few, enclaves may be
   * millions. See docs/enclaves.md.
   *
   * @param secret one of the secrets that these enclaves were opened over; no `modify` of it may be open
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without an engine; `ERR_LETHE_EXHAUSTED`,
   * `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY`; the secret then stays as it is
   * @throws {TypeError} for anything else
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclaves = openEnclaves(secrets);
   * const key = secrets.random(32);
   * const enclave = enclaves.seal(key);
   * console.log(key.state); // "destroyed": the enclave has its bytes
   * enclave.destroy();
   * ```
   */
  seal(secret: SecretBuffer): Enclave;
  /**
   * Encrypts every enclave again, under a fresh session key, and destroys the old one. It works
   * in slices of some milliseconds, between which the program runs on.
   *
   * @returns when nothing is left under a key that was in use when it was called
   * @throws {LetheError} `ERR_LETHE_FORGED` at the end, when an enclave had been tampered with: it is
   * lost, the others are done. After `ERR_LETHE_EXHAUSTED` all open as before; call it again
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclaves = openEnclaves(secrets);
   * const enclave = enclaves.seal(secrets.random(32));
   * await enclaves.rekey(); // every day, say
   * enclave.expose((bytes) => bytes.length); // 32
   * enclave.destroy();
   * ```
   */
  rekey(): Promise<void>;
  /**
   * Seals what is piped through it, in chunks. Bytes that come in are wiped once they are taken,
   * secrets destroyed; in between plaintext lies in secret memory alone. See docs/enclaves.md.
   *
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32);
   * const sealed = ReadableStream.from([secrets.random(100)]).pipeThrough(
   *   openEnclaves(secrets).sealStream({ key }),
   * );
   * for await (const bytes of sealed) bytes.length; // ciphertext, for a file or a socket
   * key.destroy();
   * ```
   *
   * @throws {TypeError | RangeError} for a key that is not a secret of 32 bytes, or another `chunkBytes`
   */
  sealStream(options?: SealStreamOptions): StreamPair<Uint8Array<ArrayBuffer>>;
  /**
   * Unseals what {@link Enclaves.sealStream} sealed: a secret a chunk, which the reader destroys. Each chunk was authentic; that the stream was whole is known only when it ends.
   *
   * @returns a pair whose output fails with `ERR_LETHE_FORGED` where the stream was cut, altered,
   * reordered or extended
   * @throws {TypeError | RangeError} for a key that is not a secret of 32 bytes
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnclaves } from "lethe/enclave";
   *
   * const secrets = openSecrets();
   * const enclaves = openEnclaves(secrets);
   * const key = secrets.random(32);
   * const sealed = ReadableStream.from([secrets.random(100)])
   *   .pipeThrough(enclaves.sealStream({ key })); // in a file, say
   * for await (const secret of sealed.pipeThrough(enclaves.unsealStream({ key }))) {
   *   secret.destroy(); // a chunk, after its use
   * }
   * key.destroy();
   * ```
   */
  unsealStream(options?: UnsealStreamOptions): StreamPair<SecretBuffer>;
}
