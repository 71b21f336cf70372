import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { copyBytes, isBytes } from "../../core/arguments/check_bytes.ts";
import { wipeBytes } from "../../core/bytes.ts";
import { checkLive } from "../../core/check_live.ts";
import { checkOpen } from "../../core/check_open.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { dangerouslyExposeString } from "../../core/dangerous.ts";
import { lendingOf, makeOf, withInput } from "../../core/standard/lender.ts";
import type { SecretInput, StandardSecretV1 } from "../../core/standard/standard.ts";
import { orAborted } from "../../system/or_aborted.ts";
import { born } from "../crypto/lend.ts";
import type { View } from "../envelopes/bytes.ts";

/**
 * Lends what a request needs: it calls `use` once, before what it returns settles. It is asked for each request, so that
 * a rotated credential is used from then on: `(use) => login.use((record) => use(record.field()))` with `rotating`.
 */
export type LendCredential<T = StandardSecretV1> = (use: (lent: T) => void) => void | Promise<void>;

/**
 * A credential: bytes of visible ASCII, of which a copy is kept in secret memory until the service is destroyed, or a function that
 * lends it for each request. A `Uint8Array` is wiped once it was copied, and untouched on an error.
 */
export type Credential = SecretInput | LendCredential;

/** GCP's tokens and AWS's session tokens have some kilobytes. */
const MOST_BYTES = 16_384;

/** Why a credential cannot be used. Its message quotes nothing. */
export class CredentialFault extends Error {}

/** The credential as it is asked for: a copy of what was given, or what is lent. What was given is wiped by {@link wipeGiven}. */
export class HeldCredential {
  readonly #secrets: Secrets;
  readonly #parameter: string;
  readonly #copy: SecretBuffer | null;
  readonly #lend: LendCredential | null;

  constructor(secrets: Secrets, given: unknown, verb: string, parameter: string) {
    this.#secrets = secrets;
    this.#parameter = parameter;
    if (typeof given === "function") {
      this.#lend = given as LendCredential;
      this.#copy = null;
      return;
    }
    if (!isBytes(given) && lendingOf(given) === null) {
      throw wrongType(
        `Cannot ${verb} as ${parameter} must be a Uint8Array, a SecretBuffer or a function that lends one${typeof given === "string" ? ": it is a string, and a string can never be wiped" : ""}`,
      );
    }
    this.#lend = null;
    this.#copy = copyVisible(secrets, given as SecretInput, verb, parameter);
  }

  /** The copy that is held; null: it is lent by a function. */
  get copy(): SecretBuffer | null {
    return this.#copy;
  }

  destroy(): void {
    this.#copy?.destroy();
  }

  /** Calls `use` with the credential while it is lent. @throws {CredentialFault}, and the signal's reason */
  async use<T>(signal: AbortSignal, use: (secret: StandardSecretV1) => T): Promise<T> {
    if (this.#copy !== null) {
      checkLive(this.#copy, "use credential");
      return use(this.#copy);
    }
    return await lendOnce(this.#lend as LendCredential, signal, this.#parameter, use);
  }

  /** As {@link use}, with `prefix` and the credential as one string: that of a header. */
  async useText<T>(signal: AbortSignal, prefix: string, use: (text: string) => T): Promise<T> {
    return await this.use(signal, (secret) =>
      withHeader(this.#secrets, secret, prefix, this.#parameter, use),
    );
  }
}

/** Wipes plain bytes of which copies are held, when nothing can be refused any more. */
export function wipeGiven(...given: readonly unknown[]): void {
  for (const one of given) if (isBytes(one)) wipeBytes(one);
}

/** @throws {CredentialFault}, and the signal's reason */
export async function lendOnce<L, T>(
  lend: LendCredential<L>,
  signal: AbortSignal,
  parameter: string,
  use: (lent: L) => T,
): Promise<T> {
  let isOver = false;
  let results: T[] = [];
  let failure: { readonly error: unknown } | null = null;
  const take = (lent: L): void => {
    if (isOver || results.length > 0 || failure !== null) {
      throw new Error("Cannot take a credential: it is lent once, for one request");
    }
    try {
      results = [use(lent)];
    } catch (error) {
      failure = { error };
    }
  };
  try {
    await orAborted((async () => await lend(take))(), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (failure === null) throw new CredentialFault(notRead(parameter, error));
  } finally {
    isOver = true;
  }
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  if (results.length === 1) return results[0] as T;
  throw new CredentialFault(`the function ${parameter} lent none; call what it is given`);
}

function notRead(parameter: string, error: unknown): string {
  const code = error instanceof LetheError ? ` (${error.code})` : "";
  return `the function ${parameter} failed${code}; correct where it reads the credential`;
}

/**
 * Lends a secret as the string of a header, which is made once. It is a string from here on: nobody can wipe it.
 *
 * @throws {CredentialFault} unless it is visible ASCII
 */
export function withHeader<T>(
  secrets: Secrets,
  secret: StandardSecretV1,
  prefix: string,
  parameter: string,
  use: (text: string) => T,
): T {
  checkOpen(secrets, "use credential");
  const line = withLent(secret, parameter, (bytes) =>
    born(secrets, prefix.length + bytes.length, (page) => {
      for (let at = 0; at < prefix.length; at++) page[at] = prefix.charCodeAt(at);
      copyBytes(page, bytes, prefix.length);
    }),
  );
  try {
    return dangerouslyExposeString(line, use);
  } finally {
    line.destroy();
  }
}

/** Lends the bytes of a credential, which must be visible ASCII. @throws {CredentialFault} */
export function withLent<T>(
  secret: StandardSecretV1,
  parameter: string,
  use: (bytes: View) => T,
): T {
  if (lendingOf(secret) === null) {
    throw new CredentialFault(`the function ${parameter} lent no SecretBuffer; lend one`);
  }
  let isUsed = false;
  try {
    return withInput(secret, "use credential", parameter, (bytes) => {
      if (!isHeaderText(bytes)) throw new CredentialFault(`${parameter} ${FORM}`);
      isUsed = true;
      const result = use(bytes);
      isUsed = false;
      return result;
    });
  } catch (error) {
    // What `use` throws, as where there is no secret memory left, is no fault of the credential.
    if (isUsed || !(error instanceof LetheError || error instanceof RangeError)) throw error;
    const code = error instanceof LetheError ? error.code : "it is empty";
    throw new CredentialFault(`${parameter} cannot be used (${code}); give another one`);
  }
}

const FORM = `must have 1 to ${MOST_BYTES} bytes of visible ASCII; take off a line break at its end`;

/** A line break would begin another header. */
function isHeaderText(bytes: Uint8Array): boolean {
  if (bytes.length < 1 || bytes.length > MOST_BYTES) return false;
  let wrong = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    wrong |= (byte - 0x21) >> 31;
    wrong |= (0x7e - byte) >> 31;
  }
  return wrong === 0;
}

function copyVisible(
  secrets: Secrets,
  given: SecretInput,
  verb: string,
  parameter: string,
): SecretBuffer {
  return makeOf(given, verb, parameter, (bytes) => {
    if (!isHeaderText(bytes)) throw outOfRange(`Cannot ${verb} as ${parameter} ${FORM}`);
    return born(secrets, bytes.length, (page) => copyBytes(page, bytes));
  });
}
