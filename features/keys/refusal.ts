import { LetheError } from "../../core/contract/errors.ts";

/** Bytes that are not a key, or not the one that was asked for. */
export function wrongFormat(reason: string, verb: string = "parse key"): LetheError {
  return new LetheError("ERR_LETHE_KEY_FORMAT", `Cannot ${verb}: ${reason}`);
}

/** A public key where a private one was expected. */
export const IS_PUBLIC = "it is a public key; read it with parsePublicKey() or lethe key public";

/** A key whose form is known and whose bytes do not follow it. It names no position and no byte. */
export function damaged(what: string): LetheError {
  return new LetheError(
    "ERR_LETHE_KEY_DAMAGED",
    `Cannot parse key: ${what} is malformed, so the key was cut or altered; restore it, or export it again from where it came`,
  );
}

/** What was meant to be understood, and is not. */
export function unsupported(what: string, remedy: string): LetheError {
  return new LetheError("ERR_LETHE_UNSUPPORTED", `Cannot parse key: ${what}; ${remedy}`);
}

/** An elliptic curve that is none of those that are known. */
export function otherCurve(): LetheError {
  return unsupported(
    "its curve is not one of P-256, P-384 and P-521",
    "make a key on one of these",
  );
}

/** A key that does not name its curve, or has its name outside of the key. */
export function noCurve(): LetheError {
  return unsupported("it does not say which curve it is on", "export it as PKCS#8, which does");
}

/** A curve in explicit parameters (SEC 1, appendix C.2), even if those of a known one. */
export function explicitCurve(): LetheError {
  return unsupported(
    "its curve is given by explicit parameters, and not by name",
    "convert it with openssl pkey -aes256 -ec_param_enc named_curve -in FILE -out NEW",
  );
}

/** A key that contradicts itself. */
export function invalid(reason: string, verb: string = "parse key"): LetheError {
  return new LetheError("ERR_LETHE_KEY_INVALID", `Cannot ${verb}: ${reason}`);
}

/** A cost above the bound. */
export function tooCostly(what: string, option: string): LetheError {
  return new LetheError(
    "ERR_LETHE_KEY_COST",
    `Cannot parse key: it asks for ${what}, more than mostCost.${option} allows; raise that if you trust the file, or encrypt the key again at a lower cost`,
  );
}

/** The bytes under a passphrase came out wrong. Nobody can tell which of the two it was. */
export function wrongPassphrase(): LetheError {
  return new LetheError(
    "ERR_LETHE_KEY_PASSPHRASE",
    "Cannot parse key: the passphrase is not the one it was encrypted under, or the file was altered; try another passphrase, or restore the file",
  );
}

export function needsPassphrase(): LetheError {
  return new LetheError(
    "ERR_LETHE_KEY_PASSPHRASE",
    "Cannot parse key: it is encrypted; pass the option passphrase, a SecretBuffer, as promptSecret() gives one",
  );
}

/**
 * Runs `parse` on what a passphrase opened. With a wrong passphrase anything can come out, so what would be
 * damage elsewhere says here that the passphrase is wrong.
 */
export function behindPassphrase<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof LetheError && error.code === "ERR_LETHE_KEY_DAMAGED") {
      throw wrongPassphrase();
    }
    throw error;
  }
}

/** A form that has no such key. */
export function cannotWrite(what: string, remedy: string): LetheError {
  return new LetheError("ERR_LETHE_UNSUPPORTED", `Cannot format key: ${what}; ${remedy}`);
}
