import type { Encoding } from "../codec.ts";
import type { Stats } from "../registry.ts";
import type { SecretInput, StandardSecretV1 } from "../standard/standard.ts";
import type { Guarantees } from "./guarantees.ts";
import type { Capacity } from "./memory.ts";
import type { PassedOver } from "./runtime.ts";
import type { SecretBuffer } from "./secret_buffer.ts";

/**
 * Makes secrets in one memory, and ends them.
 *
 * - SECRETS-1: bytes go in as bytes; a string is refused, because it can never be wiped
 * - SECRETS-2: what is moved or decoded is wiped at its source once it is safe, and untouched on an error
 * - SECRETS-3: a secret weaker than `require` is never handed out
 * - SECRETS-4: `purge` destroys every live secret before it returns, also those that nobody holds any more
 */
export interface Secrets extends Disposable {
  /** Name of the memory: `secretmem`, `pages`, `sodium`, `heap`, or a custom one's. */
  readonly memory: string;
  /** The most that a secret here has; a secret's own table may be weaker. */
  readonly guarantees: Guarantees;
  /** The stronger memories that `"auto"` did not take, and why. */
  readonly passedOver: readonly PassedOver[];
  /** Counts, never content. */
  readonly stats: Stats;
  /**
   * A zero-filled secret.
   *
   * @param byteLength an integer from 1 to 2^31 - 1
   * @throws {LetheError} `ERR_LETHE_EXHAUSTED`, or `ERR_LETHE_LOCK` and `ERR_LETHE_REQUIRE` when the
   * region lacks a required guarantee; the message names the remedy
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const code = secrets.allocate(6);
   * code.modify((bytes) => bytes.fill(48)); // written in place: no copy elsewhere
   * code.destroy();
   * ```
   */
  allocate(byteLength: number): SecretBuffer;
  /**
   * A secret of random bytes, born in secret memory.
   *
   * @param byteLength an integer from 1 to 2^31 - 1
   * @throws {LetheError} as {@link Secrets.allocate}
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32);
   * console.log(key.byteLength); // 32
   * key.destroy();
   * ```
   */
  random(byteLength: number): SecretBuffer;
  /**
   * Copies `source` in and wipes it. Take `source` from {@link offHeapBytes} or read into it what
   * came from outside: a small `new Uint8Array(n)` may already have been copied by the collector,
   * and wiping cannot reach those copies.
   *
   * @throws {TypeError} unless `source` is a `Uint8Array`; {RangeError} when it is empty
   * @throws {LetheError} as {@link Secrets.allocate}; `source` is then untouched
   *
   * @example
   * ```ts
   * import { offHeapBytes, openSecrets } from "lethe";
   *
   * const received = offHeapBytes(4);
   * received.set([1, 2, 3, 4]); // from a file or a socket
   * const token = openSecrets().move(received); // `received` is zero now
   * token.destroy();
   * ```
   */
  move(source: Uint8Array): SecretBuffer;
  /**
   * A secret that `fill` writes in place: the way in for bytes from a file, a pipe or a native call. Its
   * page is open for `fill` alone, and never across an `await`. When `fill` throws, there is no secret.
   *
   * @param byteLength an integer from 1 to 2^31 - 1
   * @param fill writes all of the page, which is zero before; what it returns is not used
   * @throws {TypeError} when `fill` returns a promise. What its rest writes goes nowhere: the page is given back when it has settled
   *
   * @example
   * ```ts
   * import { closeSync, openSync, readSync } from "node:fs";
   * import { openSecrets } from "lethe";
   *
   * const file = openSync("/dev/urandom", "r"); // any file, pipe or socket
   * const key = openSecrets().land(32, (page) => {
   *   if (readSync(file, page) < page.length) throw new Error("it ended early");
   * });
   * closeSync(file);
   * key.destroy();
   * ```
   */
  land(byteLength: number, fill: (page: Uint8Array<ArrayBuffer>) => void): SecretBuffer;
  /**
   * Decodes text, given as bytes, into a secret, and wipes `source`; a secret that lends the text stays.
   *
   * @throws {LetheError} `ERR_LETHE_ENCODING` when it is not canonical; `source` is then untouched
   *
   * @example
   * ```ts
   * import { offHeapBytes, openSecrets } from "lethe";
   *
   * const text = offHeapBytes(8);
   * text.set([48, 48, 102, 102, 49, 48, 97, 98]); // "00ff10ab", from a file or a socket
   * const key = openSecrets().decode(text, "hex"); // 4 bytes; `text` is zero now
   * key.destroy();
   * ```
   */
  decode(source: SecretInput, encoding: Encoding): SecretBuffer;
  /**
   * The text of `secret`, as the bytes of a new secret.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY`; what {@link Secrets.allocate} throws
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(16);
   * const text = secrets.encode(key, "hex"); // 32 bytes of ASCII, for a file or a socket
   * console.log(text.byteLength); // 32
   * secrets.purge();
   * ```
   */
  encode(secret: StandardSecretV1, encoding: Encoding): SecretBuffer;
  /**
   * A copy of what another library's secret lends, or another copy of Lethe's. `input` stays as it is, also
   * when it is plain bytes: {@link Secrets.move} wipes those.
   *
   * @throws {LetheError} `ERR_LETHE_LENDER` when `input` breaks its contract: see docs/standard.md
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import type { SecretInput } from "lethe/standard";
   *
   * function keep(input: SecretInput): number {
   *   const key = openSecrets().adopt(input);
   *   const { byteLength } = key;
   *   key.destroy();
   *   return byteLength;
   * }
   * keep(openSecrets().random(32)); // 32
   * ```
   */
  adopt(input: SecretInput): SecretBuffer;
  /**
   * How many more secrets of `byteLength` bytes there is room for, now, and how many of them would be
   * locked. A forecast; null where the memory cannot tell.
   *
   * @param byteLength an integer from 1 to 2^31 - 1
   * @throws {TypeError | RangeError} for another `byteLength`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const room = secrets.capacity(32);
   * if (room !== null && room.regions < 100) console.log("Seal what is idle into enclaves");
   * ```
   */
  capacity(byteLength: number): Capacity | null;
  /**
   * Destroys every live secret and every enclave, now. New ones can be made afterwards. Where the
   * memory can, it also wipes what worker threads left that have ended: see docs/workers.md.
   *
   * @throws {LetheError} `ERR_LETHE_CANARY`, `ERR_LETHE_WIPE` after every other secret was destroyed
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32);
   * secrets.purge(); // at a logout, or when an intrusion is suspected
   * console.log(key.state); // "destroyed"
   * ```
   */
  purge(): void;
}
