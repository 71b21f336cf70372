import { wrongKind, wrongType } from "./argument_error.ts";

/**
 * The options that a caller gave: its own properties, each read once, without a prototype.
 *
 * - OPTION-1: what somebody put on `Object.prototype` is not an option
 * - OPTION-2: a getter or a proxy is asked once for each option, and what it gave is what is used
 * - OPTION-3: an unknown name is refused, because a misspelt option is a protection that is not there
 * - OPTION-4: only an object made by a literal is taken, of any realm. An instance of a class would keep its
 *   options on its prototype, and bytes or a secret in this place would go unused
 *
 * @param verb what cannot be done, for the message: `open secrets`
 * @param known every option that there is
 * @param parameter how the message names the object, where it is not `options`
 * @throws {TypeError} naming what is wrong
 */
export function readOptions<T extends object>(
  given: T | undefined,
  verb: string,
  known: readonly (keyof T & string)[],
  parameter: string = "options",
): Readonly<Partial<T>> {
  if (given === undefined) return NOTHING_GIVEN as Partial<T>;
  const read: Record<string, unknown> = Object.create(null);
  if (!isPlain(given)) {
    throw wrongKind(`Cannot ${verb} as ${parameter} must be a plain object`, given);
  }
  const names = Reflect.ownKeys(given).filter((name) => typeof name === "string");
  const unknown = names.filter((name) => !(known as readonly string[]).includes(name));
  if (unknown.length > 0) {
    const missing = `${unknown.map(quote).join(", ")}: there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`;
    throw wrongType(
      parameter === "options"
        ? `Cannot ${verb} as there is no option ${missing}`
        : `Cannot ${verb} as ${parameter} has no ${missing}`,
    );
  }
  for (const name of names) read[name] = Reflect.get(given, name);
  return Object.freeze(read) as Partial<T>;
}

const NOTHING_GIVEN: object = Object.freeze(Object.create(null));

/**
 * Some own properties of an object that may have more, such as a key pair or a stored hash: each read
 * once, without a prototype. One that is missing is absent, whatever the object inherits.
 *
 * @throws {TypeError} for what is not an object
 */
export function readRecord<T extends object>(
  given: T,
  verb: string,
  parameter: string,
  names: readonly (keyof T & string)[],
): Readonly<Partial<T>> {
  if (typeof given !== "object" || given === null) {
    throw wrongKind(
      `Cannot ${verb} as ${parameter} must be an object with ${names.join(", ")}`,
      given,
    );
  }
  const read: Partial<T> = Object.create(null);
  for (const name of names) if (Object.hasOwn(given, name)) read[name] = given[name];
  return Object.freeze(read);
}

/** Made by a literal, in whatever realm, or without a prototype. */
function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  // The root of a realm. An object that somebody made without a prototype has no such method.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** A name as it may be shown: what is not a name at all could be anything. */
function quote(name: string): string {
  return /^[\w$-]{1,40}$/.test(name) ? name : "one that is not a name";
}
