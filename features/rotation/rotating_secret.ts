import type { Secrets } from "../../core/mod.ts";
import type { SecretSource } from "../sources/mod.ts";
import type { LentRecord } from "./lent_record.ts";
import type { RotatingOptions } from "./options.ts";
import type { RotationPhase } from "./phases.ts";

/**
 * A secret that changes while the program runs.
 *
 * A conforming implementation guarantees:
 *
 * - ROTATE-1: a scope is given one version whole, and it stays whole until the scope ends
 * - ROTATE-2: outside scopes at most two versions are in memory, the second for `overlap` milliseconds
 * - ROTATE-3: a read that fails changes nothing: the version that serves goes on until it expires
 * - ROTATE-4: what has expired is not lent, by the time of day or by the monotonic clock, whichever says so first
 * - ROTATE-5: reads follow each other, and never run at once, where the source obeys its signal. One that does not is given
 *   up when its time is over: it may go on beside the next, and what it then gives is destroyed
 *
 * It does not guarantee that what a scope copied ends with the version, nor that the server on the other
 * side still takes it: after a refusal there, `refresh` and try once more.
 */
export interface RotatingSecret extends Disposable {
  /** The version that serves; null where none does. */
  readonly version: string | null;
  /** Where it stands. */
  readonly state: RotationPhase;
  /**
   * Lends the record that serves, and the one before it while the two overlap. Both stay until `use`
   * returns, or until the promise that it returns settles.
   *
   * @throws {LetheError} `ERR_LETHE_SOURCE_EXPIRED` when it expired and could not be read again,
   * `ERR_LETHE_DESTROYED` when it was closed or purged
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { rotating } from "lethe/rotation";
   * import { makeRecord, type SecretSource } from "lethe/sources";
   *
   * const source: SecretSource = {
   *   name: "example",
   *   residue: [],
   *   read: async (_reference, { land }) => {
   *     const value = land(32, (page) => void crypto.getRandomValues(page));
   *     return makeRecord({ version: String(Math.random()), fields: [["value", value]] });
   *   },
   * };
   * const token = await rotating(openSecrets(), source, "token");
   * token.use((record) => record.field().expose((bytes) => bytes.length)); // 32
   * token.close();
   * ```
   */
  use<T>(use: (current: LentRecord, previous: LentRecord | undefined) => T): T;
  /**
   * Reads the source now. A call that comes while a read runs waits for the next read, because the one that
   * runs may have seen what was there before.
   *
   * @returns the version that serves then
   * @throws what the source threw; the version that served goes on
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { rotating } from "lethe/rotation";
   * import { makeRecord, type SecretSource } from "lethe/sources";
   *
   * const source: SecretSource = {
   *   name: "example",
   *   residue: [],
   *   read: async (_reference, { land }) => {
   *     const value = land(32, (page) => void crypto.getRandomValues(page));
   *     return makeRecord({ version: String(Math.random()), fields: [["value", value]] });
   *   },
   * };
   * const token = await rotating(openSecrets(), source, "token");
   * const before = token.version;
   * const version = await token.refresh();
   * console.log(version === before); // false
   * token.close();
   * ```
   */
  refresh(): Promise<string>;
  /**
   * Reads no more, and destroys every version; one that a scope uses, when the scope ends. Idempotent. It never
   * throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { rotating } from "lethe/rotation";
   * import { makeRecord, type SecretSource } from "lethe/sources";
   *
   * const source: SecretSource = {
   *   name: "example",
   *   residue: [],
   *   read: async (_reference, { land }) => {
   *     const value = land(32, (page) => void crypto.getRandomValues(page));
   *     return makeRecord({ version: String(Math.random()), fields: [["value", value]] });
   *   },
   * };
   * const token = await rotating(openSecrets(), source, "token");
   * token.close();
   * token.state; // closed
   * ```
   */
  close(): void;
}

/**
 * Makes a {@link RotatingSecret}, by the clocks of the platform.
 *
 * @throws {TypeError | RangeError} for a wrong argument; and what the source threw at the first read
 */
export type Rotate = (
  secrets: Secrets,
  source: SecretSource,
  reference: string,
  options?: RotatingOptions,
) => Promise<RotatingSecret>;
