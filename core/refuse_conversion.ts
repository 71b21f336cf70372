import { wrongType } from "./arguments/argument_error.ts";
import { bare } from "./arguments/own.ts";

/**
 * Keeps what takes "anything like bytes" from making bytes of the redacted text, or of nothing, without
 * a word: `Buffer.from(secret)` would give the 41 characters that a log shows, `new Uint8Array(secret)`
 * an empty array. Both ask for these methods first.
 *
 * Conversions to text stay as they are: whatever makes a string of the object gets the redacted text.
 *
 * @param remedy how the bytes are had
 */
export function refuseConversion(
  type: { readonly prototype: object },
  what: string,
  remedy: string,
): void {
  function refuse(): never {
    throw wrongType(`Cannot make bytes of ${what} as it lends them only inside a call: ${remedy}`);
  }
  for (const key of ["valueOf", Symbol.iterator]) {
    Object.defineProperty(type.prototype, key, bare({ value: refuse }));
  }
}
