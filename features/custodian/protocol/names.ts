import { outOfRange, wrongKind, wrongType } from "../../../core/arguments/argument_error.ts";
import { TextEncoder } from "../../../system/node_builtins.ts";

/** The most bytes of a name, in UTF-8. */
export const MAX_NAME = 256;

/** Bytes of UTF-8 for a unit of UTF-16. */
const MOST_PER_UNIT = 3;
const ENCODER = new TextEncoder();

/**
 * The name of a secret, as it is compared and kept: any text of 1 to 256 bytes of UTF-8, in normal form C,
 * so that two spellings that look the same are the same name. Control characters are allowed; whatever
 * shows a name has to escape them, as {@link quoted} does.
 *
 * @throws {TypeError | RangeError} for what is not text, for half a surrogate pair (UTF-8 has none, so that
 * two such names would become one), for none or too many bytes
 */
export function checkName(value: unknown, parameter: string): string {
  const cannot = `Cannot ask custodian as ${parameter} must`;
  if (typeof value !== "string") {
    throw wrongKind(`${cannot} be a string`, value);
  }
  if (value === "") throw wrongType(`${cannot} be a string that is not empty`);
  if (!value.isWellFormed()) throw wrongType(`${cannot} have no half of a surrogate pair in it`);
  const name = value.normalize("NFC");
  if (name.length * MOST_PER_UNIT <= MAX_NAME) return name; // without encoding it, for most
  const { length } = ENCODER.encode(name);
  if (length <= MAX_NAME) return name;
  throw outOfRange(
    `${cannot} have ${MAX_NAME} bytes of UTF-8 at most: current value has ${length}`,
  );
}

/** A name for a message: nothing in it acts on a terminal, or ends the line. */
export function quoted(name: string): string {
  return JSON.stringify(name).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
