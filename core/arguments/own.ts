/**
 * Reading objects where somebody may have put properties on `Object.prototype`: a bug elsewhere in the
 * program (prototype pollution) must decide nothing here.
 */

/** Whether `object` itself has `name`; `in` would also say so of what it inherits. */
export function has<T extends object, K extends PropertyKey>(
  object: T,
  name: K,
): object is Extract<T, Readonly<Record<K, unknown>>> {
  return Object.hasOwn(object, name);
}

/**
 * A property that may be absent, of the object itself or of a class that it is made by. What lies at the
 * root of every prototype chain is not given to it by anyone who made it.
 */
export function optional<T extends object, K extends keyof T>(
  object: T,
  name: K,
): T[K] | undefined {
  // A proxy may give a chain without an end.
  for (let at: object = object, depth = 0; depth < DEEPEST; depth++) {
    const above: object | null = Object.getPrototypeOf(at);
    if (Object.hasOwn(at, name)) return above === null && at !== object ? undefined : object[name];
    if (above === null) return undefined;
    at = above;
  }
  return undefined;
}

const DEEPEST = 100;

/** A global, which engines define on the global object or on a class of it. */
export function optionalGlobal(name: string): unknown {
  return optional(globalThis as unknown as Readonly<Record<string, unknown>>, name);
}

/**
 * `value` without a prototype, for an interface that reads options from it: what it is not given there,
 * it would read from `Object.prototype`.
 */
export function bare<T extends object>(value: T): T {
  return Object.assign(Object.create(null), value);
}

/** `JSON.parse`, whose objects have no prototype: a part that is not there is absent. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.setPrototypeOf(value, null);
  });
}

/** An object of JSON, as it came. Nothing of it is trusted. */
export type Json = Readonly<Record<string, unknown>>;

/** An object of JSON, else null. */
export function recordOf(value: unknown): Json | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : null;
}

/** As {@link parseJson}, for the text of one object; null for any other text. */
export function parseRecord(text: string): Json | null {
  try {
    return recordOf(parseJson(text));
  } catch {
    return null;
  }
}

/** The `code` that an error carries. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const code = optional(error as { readonly code?: unknown }, "code");
  return typeof code === "string" ? code : undefined;
}
