import { ascii } from "../../core/sealed_key_mark.ts";
import { isText, type View, within } from "./bytes.ts";
import { damaged, wrongFormat } from "./refusal.ts";

/** A member of an object: where its value begins and ends; that of a string is without its quotes. */
export interface Member {
  readonly name: View;
  readonly isString: boolean;
  readonly value: View;
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [34, 92, 58, 44];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93];
const DEEPEST = 16;
const MOST_PARTS = 1000;

/**
 * Reads JSON (RFC 8259) as bytes, where no string may be made. Of the content of a string it looks for
 * quotes, backslashes and controls, of which base64url has none. What is skipped is only counted by its
 * brackets.
 *
 * It steps forward alone; nesting and the number of parts are bounded.
 */
export class JsonReader {
  readonly #bytes: View;
  #at = 0;

  constructor(bytes: View) {
    this.#bytes = bytes;
  }

  /** The members of the object that comes next. No name may have an escape; see {@link stringOf} for one that comes twice. */
  object(): readonly Member[] {
    const members: Member[] = [];
    this.#expect(OPEN_BRACE);
    if (this.#accept(CLOSE_BRACE)) return members;
    do {
      const name = this.#string();
      if (name.includes(BACKSLASH)) throw damaged("its JSON");
      this.#expect(COLON);
      const isString = this.#next() === QUOTE;
      members.push({ name, isString, value: isString ? this.#string() : this.#skip() });
      if (members.length > MOST_PARTS) throw damaged("its JSON");
    } while (this.#accept(COMMA));
    this.#expect(CLOSE_BRACE);
    return members;
  }

  /** The parts of the array that comes next. */
  array(): readonly View[] {
    const parts: View[] = [];
    this.#expect(OPEN_BRACKET);
    if (this.#accept(CLOSE_BRACKET)) return parts;
    do {
      parts.push(this.#skip());
      if (parts.length > MOST_PARTS) throw damaged("its JSON");
    } while (this.#accept(COMMA));
    this.#expect(CLOSE_BRACKET);
    return parts;
  }

  end(): void {
    if (this.#next() !== -1) throw damaged("its JSON");
  }

  /** The next byte that is not white space, or -1. */
  #next(): number {
    const bytes = this.#bytes;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at] as number;
      if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return byte;
    }
    return -1;
  }

  #accept(byte: number): boolean {
    if (this.#next() !== byte) return false;
    this.#at += 1;
    return true;
  }

  #expect(byte: number): void {
    if (!this.#accept(byte)) throw damaged("its JSON");
  }

  #string(): View {
    this.#expect(QUOTE);
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#at = at + 1;
        return within(bytes, start, at);
      }
      if (byte < 32) break;
      if (byte === BACKSLASH) at += 1;
    }
    throw damaged("its JSON");
  }

  /** Passes over a value. */
  #skip(): View {
    const open: number[] = [];
    const first = this.#next();
    const start = this.#at;
    if (first === -1) throw damaged("its JSON");
    do {
      const byte = this.#next();
      if (byte === QUOTE) this.#string();
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) open.push(byte + 2);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (open.pop() !== byte) throw damaged("its JSON");
      } else if (open.length === 0 ? !isPlain(byte) : byte === -1) throw damaged("its JSON");
      if (byte !== QUOTE) this.#at += 1;
      if (open.length > DEEPEST) throw damaged("its JSON");
    } while (open.length > 0 || (isPlain(first) && isPlain(this.#bytes[this.#at] ?? -1)));
    return within(this.#bytes, start, this.#at);
  }
}

/** Of a number, true, false or null. */
function isPlain(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 122) || PLAIN.includes(byte);
}

const PLAIN = ascii("+-.E");

/**
 * The string of one name, or null.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` when it is there twice: readers differ on which counts
 */
export function stringOf(members: readonly Member[], name: string): View | null {
  const found = members.filter((member) => isText(member.name, name));
  if (found.length > 1) throw twice(name);
  const [member] = found;
  return member?.isString === true ? member.value : null;
}

/** A member that is read is there more than once. */
export function twice(name: string): Error {
  return wrongFormat(`its JSON has ${name} twice; leave one of them`);
}
