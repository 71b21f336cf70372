import type { Argon2Cost } from "../../core/contract/cost.ts";
import type { KeyFileType } from "./key_shape.ts";
import type { Trust } from "./trust.ts";

/** What can be said about a key file without opening it. */
export interface KeyFileReport {
  /** `sealed` under a passphrase, or `plain`. */
  readonly form: "plain" | "sealed";
  /** Of a sealed key; a plain file does not say. */
  readonly type?: KeyFileType;
  /** Bytes of the key. */
  readonly keyBytes: number;
  /** Of a sealed key. */
  readonly cost?: Argon2Cost;
  /** Of a plain file whose bytes look like no raw key: what they look like. `read` refuses it. */
  readonly looksLike?: string;
  /** In octal: `0400` or `0600`. */
  readonly mode: string;
  /** How many names the file has: 1, unless it was linked or a rotation was cut off. */
  readonly names: number;
  /** Whether the owner, the modes and the directory were checked. */
  readonly access: "checked" | "not checked";
  /** Under which profile that was. */
  readonly trust: Trust;
  /**
   * What changes left that are under way or were cut off: temporaries, which the next change takes away,
   * and `NAME.replaced-…`, an old key that a rotation was about to remove.
   */
  readonly leftovers: readonly string[];
}
