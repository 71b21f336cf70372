import { bare } from "./arguments/own.ts";

const INSPECT = [
  Symbol.for("nodejs.util.inspect.custom"), // Node, Bun, Deno's node:util
  Symbol.for("Deno.customInspect"),
  Symbol.for("Deno.privateCustomInspect"),
] as const;

/**
 * Gives every instance of a class one redacted text, whatever way it is turned into text: string
 * and number conversion, template literals, `JSON.stringify`, `util.inspect`, `console.log`,
 * `Deno.inspect` and `Bun.inspect`.
 *
 * The methods lie on the prototype, so that an instance has no property of its own: enumeration,
 * `structuredClone` and `postMessage` find nothing to copy. They are not writable, so that a
 * library that patches prototypes cannot make them print something else by accident; code that
 * wants the bytes has `expose`, and is not hindered.
 *
 * @param describe must build its text from public facts (lengths, states, names) alone
 */
export function redact<T extends object>(
  type: { readonly prototype: T },
  describe: (value: T) => string,
): void {
  function text(this: T): string {
    try {
      return describe(this);
    } catch {
      return REDACTED; // the prototype itself, a proxy: a log line must not throw
    }
  }
  for (const key of ["toString", "toJSON", "toLocaleString", Symbol.toPrimitive, ...INSPECT]) {
    Object.defineProperty(type.prototype, key, bare({ value: text }));
  }
}

const REDACTED = "redacted";
