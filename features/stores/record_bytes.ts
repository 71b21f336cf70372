import { outOfRange, wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { isSecretBuffer, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { encodeText, strictDecoder } from "../../core/text.ts";
import type { Land } from "../sources/everywhere.ts";

/**
 * The fields of a record as one secret, which an envelope seals:
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | the version of this form: 1 |
 * | 2 | how many fields: 1 to 1000 |
 * | of each field: 2, then so many | its name in UTF-8 |
 * | 4, then so many | its bytes |
 *
 * Numbers begin with their highest byte. Nothing may follow the last field.
 */

/** A field, and its secret. */
export type Field = readonly [name: string, secret: SecretBuffer];

const VERB = "publish record";

/** @throws {TypeError | RangeError} for fields of another kind */
export function checkFields(given: Iterable<Field>): readonly Field[] {
  const fields = [...given].map(([name, secret]) => [name, secret] as const);
  if (fields.length === 0 || fields.length > MOST_FIELDS) {
    throw outOfRange(
      `Cannot ${VERB} as fields must be 1 to ${MOST_FIELDS}: there are ${fields.length}`,
    );
  }
  const names = new Set<string>();
  for (const [name, secret] of fields) {
    if (typeof name !== "string" || name === "" || name.length > 200 || !name.isWellFormed()) {
      throw wrongType(`Cannot ${VERB} as the name of each field must be 1 to 200 characters`);
    }
    if (names.has(name)) throw wrongType(`Cannot ${VERB} as two fields have the same name`);
    names.add(name);
    if (isSecretBuffer(secret)) continue;
    throw wrongType(
      `Cannot ${VERB} as each field must be a SecretBuffer: one of them is ${kindOf(secret)}`,
    );
  }
  return fields;
}

/** The fields in one new secret, which is the caller's. */
export function joinFields(secrets: Secrets, fields: readonly Field[]): SecretBuffer {
  const heads = fields.map(([name, { byteLength }]) => headOf(name, byteLength));
  const total = fields.reduce(
    (sum, [, { byteLength }], index) => sum + (heads[index]?.length ?? 0) + byteLength,
    3,
  );
  const joined = secrets.land(total, (page) => {
    page.set([FORM, fields.length >> 8, fields.length & 255]);
  });
  try {
    let at = 3;
    for (const [index, [, secret]] of fields.entries()) {
      const [head, start] = [heads[index] as Uint8Array, at];
      secret.expose((bytes) =>
        joined.modify((page) => {
          page.set(head, start);
          page.set(bytes, start + head.length);
        }),
      );
      at += head.length + secret.byteLength;
    }
    return joined;
  } catch (error) {
    joined.destroy();
    throw error;
  }
}

/** The fields of such a secret, each in a new one; null when it is of another form. */
export function splitFields(joined: SecretBuffer, land: Land): readonly Field[] | null {
  const fields: Field[] = [];
  try {
    return joined.expose((bytes) => {
      const parts = partsOf(bytes);
      for (const [name, start, length] of parts ?? []) {
        fields.push([
          name,
          land(length, (page) => page.set(bytes.subarray(start, start + length))),
        ]);
      }
      return parts === null ? null : fields;
    });
  } catch (error) {
    for (const [, secret] of fields) secret.destroy();
    throw error;
  }
}

function headOf(name: string, byteLength: number): Uint8Array {
  const text = encodeText(name);
  const head = new Uint8Array(2 + text.length + 4);
  const numbers = new DataView(head.buffer);
  numbers.setUint16(0, text.length);
  head.set(text, 2);
  numbers.setUint32(2 + text.length, byteLength);
  return head;
}

/** Where the fields lie. Names and lengths are public; the bytes are not looked at. */
function partsOf(
  bytes: Uint8Array<ArrayBuffer>,
): readonly (readonly [name: string, start: number, length: number])[] | null {
  const numbers = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 3 || bytes[0] !== FORM) return null;
  const count = numbers.getUint16(1);
  if (count < 1 || count > MOST_FIELDS) return null;
  const parts: (readonly [string, number, number])[] = [];
  let at = 3;
  for (let field = 0; field < count; field++) {
    if (at + 2 > bytes.length) return null;
    const nameEnd = at + 2 + numbers.getUint16(at);
    if (nameEnd + 4 > bytes.length) return null;
    const name = nameOf(bytes.subarray(at + 2, nameEnd));
    const length = numbers.getUint32(nameEnd);
    at = nameEnd + 4 + length;
    if (name === null || length === 0 || at > bytes.length) return null;
    if (parts.some(([other]) => other === name)) return null;
    parts.push([name, nameEnd + 4, length]);
  }
  return at === bytes.length ? parts : null;
}

function nameOf(bytes: Uint8Array): string | null {
  const decoder = strictDecoder(true);
  try {
    const name = decoder.decode(bytes);
    return name !== "" && name.length <= 200 ? name : null;
  } catch {
    return null;
  }
}

const FORM = 1;
const MOST_FIELDS = 1000;
