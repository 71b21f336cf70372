import { wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { isSecretBuffer, type SecretBuffer } from "../../core/mod.ts";

/**
 * Destroys a secret, or every secret in an object, to any depth. All are tried; the first error is
 * raised at the end.
 *
 * @throws {TypeError} when there is no secret in it: a wrong argument must not pass for a destroyed key
 */
export function destroyKey(key: unknown): void {
  const secrets = new Set<SecretBuffer>();
  collect(key, secrets, new Set());
  if (secrets.size === 0) {
    throw wrongType(`Cannot destroy key as there is no SecretBuffer in it: it is ${kindOf(key)}`);
  }
  const errors: unknown[] = [];
  for (const secret of secrets) {
    try {
      secret.destroy();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

function collect(value: unknown, secrets: Set<SecretBuffer>, seen: Set<object>): void {
  if (isSecretBuffer(value)) {
    secrets.add(value);
    return;
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (seen.has(value)) return;
  seen.add(value);
  for (const part of Object.values(value)) collect(part, secrets, seen);
}
