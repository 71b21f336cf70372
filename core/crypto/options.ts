import { kindOf } from "../bytes.ts";

/**
 * The options that were given, as own properties read once: neither a polluted `Object.prototype`
 * nor a misspelt name may change what is authenticated or which engine computes.
 *
 * @throws {TypeError} unless it is an object that has known options alone
 */
export function ownOptions<T extends object>(
  options: T | undefined,
  verb: string,
  known: readonly string[],
): Partial<T> {
  if (options === undefined) return Object.create(null) as Partial<T>;
  // Not bytes and not a secret: those in the place of `{ additional }` would go unauthenticated.
  if (!isPlain(options)) {
    throw new TypeError(
      `Cannot ${verb} as options must be a plain object: current value is ${kindOf(options)}`,
    );
  }
  const own = Object.assign(Object.create(null), options) as Partial<T>;
  const unknown = Object.keys(own).filter((key) => !known.includes(key));
  if (unknown.length === 0) return own;
  throw new TypeError(
    `Cannot ${verb} as there is no option ${unknown.join(", ")}: there are ${known.join(", ")}`,
  );
}

/** Made by a literal, in whatever realm. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
