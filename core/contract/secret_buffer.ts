import type { ReadonlyBytes } from "../readonly_bytes.ts";
import type { SecretInput, StandardSecretV1 } from "../standard/standard.ts";
import type { Guarantees } from "./guarantees.ts";
import type { State } from "./lifecycle.ts";

/**
 * Secret bytes that can be read only inside a call.
 *
 * A conforming implementation guarantees:
 *
 * - BUF-1: outside `expose` and `modify` the bytes are unreachable from JavaScript
 * - BUF-2: the view given to `use` is detached when its scope ends: `use` returned, threw, or the
 *   promise that it returned settled. Overlapping exposes share one view, detached with the last
 * - BUF-3: the pages are closed again before control returns to the caller
 * - BUF-4: after `destroy` returns the bytes are zero, and the memory is given back unless a scope is
 *   open, then when that scope ends
 * - BUF-5: no conversion to text, enumeration or clone of the object shows a byte
 *
 * It does not guarantee that code inside `use` made no copy: a string built from the bytes, a
 * `slice()`, or a value handed to another library is the caller's to account for. A promise that
 * never settles keeps its scope open.
 */
export interface SecretBuffer extends Disposable, StandardSecretV1 {
  /** Length in bytes, 1 to 2^31 - 1. */
  readonly byteLength: number;
  /** `guarded`, unless a scope is open or the secret was destroyed. */
  readonly state: State;
  /** True once {@link SecretBuffer.freeze} was called. */
  readonly frozen: boolean;
  /** What this secret's own region has, with the evidence. */
  readonly guarantees: Guarantees;
  /**
   * Lends the bytes for reading. With an async `use` the scope stays open until its promise settles.
   *
   * The view is for reading, and its type says so. On a memory with `write-trap` a write to it kills the
   * process by SIGSEGV or SIGBUS, without a message. On heap memory a write changes the secret, and
   * nothing notices: see docs/lifecycle.md. What wipes its source writes to it: `move`, `decode` and `wipeBytes` are
   * not for this view.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` is open
   *
   * @example
   * ```ts
   * import { createHmac } from "node:crypto";
   * import { openSecrets } from "lethe";
   *
   * const key = openSecrets().random(32);
   * const tag = key.expose((bytes) => createHmac("sha256", bytes).update("message").digest());
   * console.log(tag.length); // 32
   * key.destroy();
   * ```
   */
  expose<T>(use: (bytes: ReadonlyBytes) => T): T;
  /**
   * Lends the bytes for writing, exclusively.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_FROZEN`, `ERR_LETHE_BUSY` while another
   * scope is open
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const nonce = openSecrets().allocate(12);
   * nonce.modify((bytes) => bytes.fill(7));
   * nonce.destroy();
   * ```
   */
  modify<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): T;
  /**
   * Refuses every later `modify`. `destroy` still wipes it, and a clone or slice of it is not frozen.
   * Only a memory with `write-trap` also stops a write to the view of an `expose`.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` is open
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32).freeze();
   * console.log(key.frozen); // true: `key.modify` throws ERR_LETHE_FROZEN
   * key.destroy();
   * ```
   */
  freeze(): this;
  /**
   * Compares in a time that depends on the lengths alone. Lengths are public: unequal ones give
   * `false` at once. See {@link equalBytes} for the limit of that promise.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY` while a `modify` is open
   * @throws {TypeError} when `other` is neither; {RangeError} when it is empty
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const token = secrets.random(32);
   * const copy = token.clone();
   * console.log(token.equals(copy)); // true
   * secrets.purge();
   * ```
   */
  equals(other: SecretInput): boolean;
  /**
   * The same bytes in a separate secret.
   *
   * @throws {LetheError} `ERR_LETHE_DESTROYED`, `ERR_LETHE_BUSY`; what {@link Secrets.allocate} throws
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const first = secrets.random(32);
   * const second = first.clone();
   * first.destroy();
   * console.log(second.state); // "guarded": each has its own bytes
   * second.destroy();
   * ```
   */
  clone(): SecretBuffer;
  /**
   * A copy of the bytes from `start` up to but not including `end`, in a separate secret.
   *
   * @throws {RangeError} unless both are integers and 0 <= start < end <= byteLength
   * @throws {LetheError} as `clone`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const both = secrets.random(64);
   * const encryption = both.slice(0, 32);
   * const authentication = both.slice(32);
   * console.log(encryption.byteLength + authentication.byteLength); // 64
   * secrets.purge();
   * ```
   */
  slice(start?: number, end?: number): SecretBuffer;
  /**
   * Wipes, detaches every view and releases the memory, before it returns. Idempotent.
   *
   * @throws {LetheError} `ERR_LETHE_CANARY` when something had written outside the bytes; the
   * secret is destroyed all the same. After any other error it may not be wiped: it stays live,
   * refuses every scope, and can be destroyed again
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const key = secrets.random(32);
   * key.destroy();
   * console.log(key.state); // "destroyed"
   * ```
   */
  destroy(): void;
}
