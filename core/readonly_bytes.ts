/**
 * The bytes that a scope of `expose` lends: a `Uint8Array` for reading. TypeScript refuses to assign to an
 * index of it and to call what writes, such as `fill` and `set`. To change a secret use `modify`, to end
 * it `destroy`.
 *
 * It is not a protection at run time. JavaScript, a function that takes a `Uint8Array`, a view of `buffer`
 * and the new `setFromHex` and `setFromBase64` still write: on a memory with `write-trap` that kills the
 * process, on heap memory it changes the secret.
 */
export interface ReadonlyBytes extends Uint8Array<ArrayBuffer> {
  /** Reads a byte. An assignment does not compile: use {@link SecretBuffer.modify}. */
  readonly [index: number]: number;
  /** Does not compile: use {@link SecretBuffer.modify}. */
  fill(this: WriteRefused, ...values: unknown[]): this;
  /** Does not compile: use {@link SecretBuffer.modify}. */
  set(this: WriteRefused, ...values: unknown[]): void;
  /** Does not compile: use {@link SecretBuffer.modify}. */
  copyWithin(this: WriteRefused, ...values: unknown[]): this;
  /** Does not compile: use {@link SecretBuffer.modify}. */
  reverse(this: WriteRefused): this;
  /** Does not compile: use {@link SecretBuffer.modify}. */
  sort(this: WriteRefused, ...values: unknown[]): this;
  /**
   * A part of the same bytes, read-only as well.
   *
   * @returns a view, which is empty once the scope has ended; it never throws
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   *
   * const secrets = openSecrets();
   * const pair = secrets.random(64);
   * pair.expose((bytes) => bytes.subarray(32).length); // 32, no copy
   * pair.destroy();
   * ```
   */
  subarray(begin?: number, end?: number): ReadonlyBytes;
}

/** The compiler shows this sentence for a call that would write. */
export type WriteRefused =
  "exposed bytes are read-only: use modify() to change, destroy() to end a secret";
