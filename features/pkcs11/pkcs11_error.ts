import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";

/**
 * How many more wrong PINs a token takes, as far as it says: `none` when it is locked, `one` before the last, `fewer`
 * when at least one was wrong since the last right one; `unknown` when it says nothing.
 */
export type TriesLeft = "none" | "one" | "fewer" | "unknown";

/**
 * What a PKCS#11 module answered. Its code is `ERR_LETHE_WRAPPER`; like every {@link LetheError} it quotes no PIN and no key.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { Pkcs11Error, usePkcs11 } from "lethe/pkcs11";
 *
 * const uri = "pkcs11:token=backup;object=envelopes?module-path=/usr/lib/softhsm/libsofthsm2.so";
 * try {
 *   usePkcs11(openSecrets(), { uri }).destroy();
 * } catch (error) {
 *   if (error instanceof Pkcs11Error) console.log(error.returnValue, error.triesLeft);
 * }
 * ```
 */
export class Pkcs11Error extends LetheError {
  /** What the module returned, such as `CKR_PIN_INCORRECT`; null where no call of it failed. */
  readonly returnValue: string | null;
  /** How many more wrong PINs the token takes; `unknown` but for an error about a PIN. */
  readonly triesLeft: TriesLeft;

  /**
   * Makes an error.
   *
   * @param message what failed, why, and what the caller can do
   * @param returnValue the name of what the module returned, or null
   * @param triesLeft as the token says
   */
  constructor(message: string, returnValue: string | null, triesLeft: TriesLeft = "unknown") {
    super("ERR_LETHE_WRAPPER", message);
    this.returnValue = returnValue;
    this.triesLeft = triesLeft;
  }
}

export const VERB = "use PKCS#11 key";

/** An error of ours, about what was found. */
export function failed(reason: string): Pkcs11Error {
  return new Pkcs11Error(`Cannot ${VERB}: ${reason}`, null);
}

/** What a call of the module returned, with a remedy. */
export function refused(
  called: string,
  returnValue: string,
  triesLeft: TriesLeft = "unknown",
): Pkcs11Error {
  const remedy = REMEDIES[returnValue] ?? "read the log of the module and of the token";
  return new Pkcs11Error(
    `Cannot ${VERB}: ${called} gives ${returnValue}: ${remedy}${LEFT[triesLeft]}`,
    returnValue,
    triesLeft,
  );
}

const LEFT: Readonly<Record<TriesLeft, string>> = bare({
  none: " (the token says that the PIN is locked)",
  one: " (the token says that one try is left before it locks)",
  fewer: " (the token says that a PIN was wrong since the last right one)",
  unknown: "",
});

const GONE = "the token was removed; insert it, and make the wrapper again";
const RIGHT_PIN =
  "the PIN is wrong, and was not tried again; make the wrapper again with the right one";
const ENDED = "the session ended: the token was removed, or its server ended; call again";

/** What a caller can do, by what the module returned. */
const REMEDIES: Readonly<Record<string, string>> = bare({
  CKR_PIN_INCORRECT: RIGHT_PIN,
  CKR_PIN_INVALID: RIGHT_PIN,
  CKR_PIN_LEN_RANGE: "the PIN is shorter or longer than this token takes; pass the right one",
  CKR_PIN_LOCKED: "the PIN is locked; unlock it with the PUK or as security officer (SO)",
  CKR_PIN_EXPIRED: "the PIN has expired; set another one with the token's own program",
  CKR_USER_PIN_NOT_INITIALIZED: "the token has no user PIN yet; initialise it as security officer",
  CKR_TOKEN_NOT_PRESENT: GONE,
  CKR_TOKEN_NOT_RECOGNIZED:
    "the module does not know this kind of token; use the module of its maker",
  CKR_DEVICE_REMOVED: GONE,
  CKR_SLOT_ID_INVALID: GONE,
  CKR_SESSION_HANDLE_INVALID: ENDED,
  CKR_SESSION_CLOSED: ENDED,
  CKR_OBJECT_HANDLE_INVALID: "the key was removed from the token; restore it",
  CKR_KEY_HANDLE_INVALID: "the key was removed from the token; restore it",
  CKR_DEVICE_ERROR:
    "the token or its reader fails; look at its connection, and at the log of its server",
  CKR_DEVICE_MEMORY: "the token has no memory left; end other sessions with it",
  CKR_HOST_MEMORY: "the module got no memory; free some",
  CKR_SESSION_COUNT: "the token takes no more sessions; end those of other programs",
  CKR_MECHANISM_INVALID: "the token does not offer this mechanism; use a key of another type",
  CKR_MECHANISM_PARAM_INVALID:
    'the token does not take these parameters; for RSA pass hash: "sha1" if it knows no other',
  CKR_ARGUMENTS_BAD:
    'the module does not take these parameters; for RSA pass hash: "sha1" if it knows no other',
  CKR_KEY_FUNCTION_NOT_PERMITTED: "the key may not encrypt or decrypt; make one with that usage",
  CKR_KEY_TYPE_INCONSISTENT: "the key is of another type than its mechanism; make another one",
  CKR_KEY_SIZE_RANGE: "the token does not take keys of that length; make another one",
  CKR_USER_NOT_LOGGED_IN: "the token wants a login for that; pass pin",
  CKR_USER_ANOTHER_ALREADY_LOGGED_IN:
    "the security officer is logged in in this process; log out first",
  CKR_CRYPTOKI_ALREADY_INITIALIZED:
    "another thread or another library of this process uses the module, and they would share its login; use it in one place, or in a separate process",
  CKR_CRYPTOKI_NOT_INITIALIZED:
    "somebody else in this process ended the module; use it in one place",
  CKR_CANT_LOCK: "the module cannot lock with the system's threads; use another module",
  CKR_FUNCTION_NOT_SUPPORTED:
    "the module does not have this function; use the module of the token's maker",
});
