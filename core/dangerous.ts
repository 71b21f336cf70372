/**
 * The way out for interfaces that take nothing but strings. A module of its own, so that every use is
 * found by one search: `grep -rn lethe/dangerous`.
 *
 * @module
 */

import { wrongKind, wrongType } from "./arguments/argument_error.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { isSecretBuffer } from "./held_secret.ts";
import { strictDecoder } from "./text.ts";

/**
 * Makes a string of a secret and gives it to `use`. **The string can never be wiped.**
 *
 * A copy of the text stays in the garbage-collected heap when this returns, and longer: the collector moves
 * it, concatenation and encoding copy it, and its memory is not overwritten when it is freed. It is
 * in heap snapshots and core files. From here on nothing protects the secret. docs/interop.md counts
 * the copies that some common uses leave.
 *
 * Use it where an interface leaves no other way (`fetch` headers, connection strings), for a secret
 * that can be revoked, as late as possible, and let nothing keep the string.
 *
 * @param secret text in UTF-8; encode other bytes first, with {@link Secrets.encode}
 * @throws {TypeError} when the bytes are not UTF-8; the message does not tell where
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where the platform has no TextDecoder
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { dangerouslyExposeString } from "lethe/dangerous";
 *
 * const secrets = openSecrets();
 * const token = secrets.encode(secrets.random(24), "base64url"); // bytes that are text
 * await dangerouslyExposeString(token, (text) =>
 *   fetch("data:,", { headers: { authorization: `Bearer ${text}` } }),
 * );
 * secrets.purge();
 * ```
 */
export function dangerouslyExposeString<T>(secret: SecretBuffer, use: (text: string) => T): T {
  if (!isSecretBuffer(secret)) {
    throw wrongKind(`Cannot expose string as secret must be a SecretBuffer`, secret);
  }
  if (typeof use !== "function") {
    throw wrongKind(`Cannot expose string as use must be a function`, use);
  }
  return use(secret.expose(decode));
}

function decode(bytes: Uint8Array): string {
  const decoder = strictDecoder(true); // outside of what is said of the bytes: it may be missing
  try {
    return decoder.decode(bytes);
  } catch {
    throw wrongType("Cannot expose string as secret must hold UTF-8; encode it first");
  }
}
