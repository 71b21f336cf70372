import { optional, optionalGlobal } from "./arguments/own.ts";
import { LetheError } from "./contract/errors.ts";

/**
 * The platform's own coders of UTF-8, taken when they are used. A test environment for pages (jest with jsdom) takes the
 * global ones away; on a server those of `node:util` stand in then.
 */

interface Encoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}

interface Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string;
}

interface Coders {
  readonly TextEncoder?: new () => Encoder;
  readonly TextDecoder?: new (
    encoding: "utf-8",
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => Decoder;
}

interface WithBuiltins {
  getBuiltinModule?(name: string): unknown;
}

/** Text that is no secret as UTF-8. @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where there is no encoder */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return new (coder("TextEncoder"))().encode(text);
}

/**
 * A decoder that throws for what is not UTF-8.
 *
 * @param ignoreBOM whether a byte order mark stays in the text
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where there is none
 */
export function strictDecoder(ignoreBOM: boolean): Decoder {
  return new (coder("TextDecoder"))("utf-8", { fatal: true, ignoreBOM });
}

function coder<K extends keyof Coders>(name: K): NonNullable<Coders[K]> {
  const found = (optionalGlobal(name) as Coders[K]) ?? ofServer()?.[name];
  if (found !== undefined) return found as NonNullable<Coders[K]>;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot convert text: this platform has no ${name}; set globalThis.${name}, in a test environment to that of node:util`,
  );
}

function ofServer(): Coders | undefined {
  const process = optionalGlobal("process") as WithBuiltins | undefined;
  try {
    const load = process === undefined ? undefined : optional(process, "getBuiltinModule");
    return load?.call(process, "node:util") as Coders | undefined;
  } catch {
    return undefined; // a `process` that only looks like one
  }
}
