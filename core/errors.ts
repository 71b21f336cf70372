/** The stable reasons for which Lethe raises a {@link LetheError}. */
export type LetheErrorCode =
  /** The secret was destroyed, by its owner, by a purge or with its {@link Secrets}. */
  | "ERR_LETHE_DESTROYED"
  /** The secret was frozen and can no longer be modified. */
  | "ERR_LETHE_FROZEN"
  /** Another scope of the same secret is open and does not allow this one. */
  | "ERR_LETHE_BUSY"
  /** The memory has no room for one more region; the message names the limit and the remedy. */
  | "ERR_LETHE_EXHAUSTED"
  /** A region could not be locked in RAM although `locked` was required. */
  | "ERR_LETHE_LOCK"
  /** A required guarantee is not given by the memory or by one of its regions. */
  | "ERR_LETHE_REQUIRE"
  /** The memory that was asked for cannot be had here. */
  | "ERR_LETHE_UNAVAILABLE"
  /** A canary was damaged: something wrote outside the bytes that it was given. */
  | "ERR_LETHE_CANARY"
  /** The operating system refused to change the protection of a region. */
  | "ERR_LETHE_PROTECT"
  /** The bytes were not zero when they were read back after a wipe. */
  | "ERR_LETHE_WIPE"
  /** The bytes to decode do not follow the encoding. */
  | "ERR_LETHE_ENCODING"
  /** Secrets were still live where none was expected. */
  | "ERR_LETHE_LEAK";

/**
 * Base of every error that Lethe raises about the state of a secret or of its memory.
 *
 * A wrong argument is a plain `TypeError` or `RangeError` instead. No message and no property of a
 * `LetheError` ever holds secret bytes, their position or a value derived from them, so it is safe
 * to log. It never carries a `cause`: another library's error may quote what it was given.
 */
export class LetheError extends Error {
  override readonly name = "LetheError";
  readonly code: LetheErrorCode;

  constructor(code: LetheErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Codes that mean a bug in the calling program or damage to its memory. Under
 * `onMisuse: "crash"` they end the process; the others are conditions that a correct program meets.
 */
export const MISUSE: ReadonlySet<LetheErrorCode> = new Set<LetheErrorCode>([
  "ERR_LETHE_DESTROYED",
  "ERR_LETHE_FROZEN",
  "ERR_LETHE_CANARY",
  "ERR_LETHE_WIPE",
]);
