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
  /** The requested memory is not available here. */
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
  | "ERR_LETHE_LEAK"
  // Of crypto on secrets:
  /** The engine has no such operation; the message names those that have it. */
  | "ERR_LETHE_UNSUPPORTED"
  /** A key is not valid: its halves are not of one pair, or it holds nothing but zeros. */
  | "ERR_LETHE_KEY_INVALID"
  // Of enclaves and sealed streams:
  /** Sealed bytes are not those that were sealed: altered, cut, reordered, or of another key. */
  | "ERR_LETHE_FORGED"
  /** The prompt was ended before Enter: by Ctrl-C or by a signal to the process. */
  | "ERR_LETHE_PROMPT_CANCELLED"
  /** The input of the prompt ended before a line came: Ctrl-D, the end of a pipe, a hang-up. */
  | "ERR_LETHE_PROMPT_CLOSED"
  /** Something else in this program reads what the prompt would have to read. */
  | "ERR_LETHE_PROMPT_BUSY"
  /** The line given to the prompt was empty. */
  | "ERR_LETHE_PROMPT_EMPTY"
  /** The line given to the prompt was longer than it may be; none of it was kept. */
  | "ERR_LETHE_PROMPT_TOO_LONG"
  /** A step of hardening that was required could not be done; the others are. */
  | "ERR_LETHE_HARDENING"
  // Key files: see docs/key_files.md for each remedy.
  /** There is no key file of that name, or no directory for it. */
  | "ERR_LETHE_KEY_MISSING"
  /** Something of that name is there already. */
  | "ERR_LETHE_KEY_EXISTS"
  /** It is not a regular file: a symbolic link, a directory, a FIFO, a socket or a device. */
  | "ERR_LETHE_KEY_IRREGULAR"
  /** The key file belongs to another user. */
  | "ERR_LETHE_KEY_OWNER"
  /** The key file's mode lets others in, or is not one of a key file at all. */
  | "ERR_LETHE_KEY_MODE"
  /** The directory of the key file belongs to another user, or others may write to it. */
  | "ERR_LETHE_KEY_DIRECTORY"
  /** The number of key bytes is not the one that was asked for. */
  | "ERR_LETHE_KEY_SIZE"
  /** The key file may not be read, or its directory not be changed, by this process. */
  | "ERR_LETHE_KEY_DENIED"
  /** The file system failed: disk full, read-only, an error of the device. */
  | "ERR_LETHE_KEY_IO"
  /** Another process or thread changes a key file of the same directory, and did not finish in time. */
  | "ERR_LETHE_KEY_BUSY"
  /** Another file took the place of the key file while it was worked on. */
  | "ERR_LETHE_KEY_CHANGED"
  /** The key file has another name, so that removing this one would not remove the key. */
  | "ERR_LETHE_KEY_LINKED"
  /** Not what was asked for: sealed, plain, of another type or version, or a key in another format. */
  | "ERR_LETHE_KEY_FORMAT"
  /** A sealed key file, or a key in the form of another program, was cut, overwritten or altered. */
  | "ERR_LETHE_KEY_DAMAGED"
  /** The passphrase does not open the key; or, in the form of another program, it needs one. */
  | "ERR_LETHE_KEY_PASSPHRASE"
  /** A key or a stored password hash asks for more memory, passes, iterations or rounds than is allowed. */
  | "ERR_LETHE_KEY_COST"
  // Of envelopes:
  /** It is not an age file that can be read: another format or version, malformed, or cut in its header. */
  | "ERR_LETHE_ENVELOPE_FORMAT"
  /** None of the identities opens the envelope. */
  | "ERR_LETHE_ENVELOPE_ADDRESS"
  /** The envelope is for another context than the one that was asked for. */
  | "ERR_LETHE_ENVELOPE_CONTEXT"
  /** What wraps file keys outside of this library failed: a plugin, a service. */
  | "ERR_LETHE_WRAPPER"
  // Of stores of envelopes:
  /** Somebody else changed what is under that key; nothing was written. */
  | "ERR_LETHE_STORE_CONFLICT"
  /** The store did not say whether it wrote. */
  | "ERR_LETHE_STORE_UNKNOWN"
  /** The store cannot be reached, or cannot agree on an answer; nothing was written. */
  | "ERR_LETHE_STORE_UNAVAILABLE"
  /** The store does not allow it to this client. */
  | "ERR_LETHE_STORE_DENIED"
  /** The store failed otherwise: it is full, or what is there is not Lethe's. */
  | "ERR_LETHE_STORE_FAILED"
  // Of the custodian:
  /** The channel to a custodian ended: a frame was malformed, out of order or not authentic. */
  | "ERR_LETHE_CHANNEL"
  /** The custodian has ended, could not be started, or was closed. */
  | "ERR_LETHE_CUSTODIAN"
  /** The custodian's policy for that secret refuses this: it may not leave, is spent or expired. */
  | "ERR_LETHE_POLICY"
  /** The custodian has no secret of that name, or has one already, or it is of another type. */
  | "ERR_LETHE_NAME"
  /** The custodian's key does not lie in OpenSSL's secure heap. */
  | "ERR_LETHE_SECURE_HEAP"
  /** An agent's socket cannot be made, or the agent has as many keys as it takes. */
  | "ERR_LETHE_AGENT"
  // Of sources, and of lenders that are not this Lethe's: see docs/sources.md for each remedy.
  /** The source has nothing under that reference. */
  | "ERR_LETHE_SOURCE_MISSING"
  /** This process may not read it: a permission, an owner, a policy of the store. */
  | "ERR_LETHE_SOURCE_DENIED"
  /** Others could have put it there or read it, by the profile that it is held to. */
  | "ERR_LETHE_SOURCE_UNTRUSTED"
  /** The store is locked, and nobody unlocked it. */
  | "ERR_LETHE_SOURCE_LOCKED"
  /** The source does not exist here: no such daemon, program, kernel feature or runtime. */
  | "ERR_LETHE_SOURCE_UNAVAILABLE"
  /** It did not answer in time. */
  | "ERR_LETHE_SOURCE_TIMEOUT"
  /** The answer ended before it was whole, or changed while it was read. */
  | "ERR_LETHE_SOURCE_INCOMPLETE"
  /** The answer has no bytes, and no secret is empty. */
  | "ERR_LETHE_SOURCE_EMPTY"
  /** The answer is longer than was allowed; none of it was kept. */
  | "ERR_LETHE_SOURCE_TOO_LONG"
  /** The answer is not of the form that was declared. */
  | "ERR_LETHE_SOURCE_FORMAT"
  /** The source failed otherwise: a program that ended with an error, a device, a protocol. */
  | "ERR_LETHE_SOURCE_FAILED"
  /** What was read has expired, and could not be read again. */
  | "ERR_LETHE_SOURCE_EXPIRED"
  /** A lender of another library broke its contract: see docs/standard.md. */
  | "ERR_LETHE_LENDER";

/**
 * Base of every error that Lethe raises about the state of a secret or of its memory.
 *
 * A wrong argument is a plain `TypeError` or `RangeError` instead. No message and no property of a
 * `LetheError` ever holds secret bytes, their position or a value derived from them, so it is safe
 * to log. It never carries a `cause`: another library's error may quote what it was given.
 */
export class LetheError extends Error {
  /** Always `LetheError`. */
  override readonly name = "LetheError";
  /** Stable: programs may compare it. The message may change. */
  readonly code: LetheErrorCode;

  /**
   * Makes an error of this code.
   *
   * @param message what failed, why, and what the caller can do; never bytes of a secret
   */
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
  "ERR_LETHE_KEY_SIZE",
  "ERR_LETHE_FORGED",
]);
