import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { countCharacters, startOfLastCharacter } from "./characters.ts";
import { whyNoText } from "./plain_text.ts";

/**
 * A line as it is typed, in one secret. Behind its text there is always room for the next read: no
 * byte lies anywhere else, not even one that is not text. One byte may be held there that is text only
 * if the next one makes it so.
 *
 * What is erased is wiped.
 */
export class Line {
  readonly #secret: SecretBuffer;
  readonly #maxBytes: number;
  #length = 0;
  #held = 0;
  #isTooLong = false;

  constructor(secrets: Secrets, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#secret = secrets.allocate(maxBytes + ROOM);
  }

  /** Where the next byte is to be read. */
  get end(): number {
    return this.#length + this.#held;
  }

  get isEmpty(): boolean {
    return this.end === 0 && !this.#isTooLong;
  }

  /**
   * Lends the bytes. Nothing below works outside of it.
   *
   * @throws {LetheError} `ERR_LETHE_PROMPT_CANCELLED` when a purge took the line away. That is no
   * misuse of the program's, and does not end it under `onMisuse: "crash"`
   */
  open<T>(use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    if (this.#secret.state === "destroyed") {
      throw new LetheError(
        "ERR_LETHE_PROMPT_CANCELLED",
        "Cannot prompt for secret: all secrets were purged while the prompt was open",
      );
    }
    return this.#secret.modify(use);
  }

  /** Takes the byte at `end` into the text, behind the one that is held. */
  take(bytes: Uint8Array): void {
    this.#settle(bytes);
    this.#add(bytes);
  }

  /** Holds the byte at `end` until the next one tells what it is. */
  hold(bytes: Uint8Array): void {
    this.#settle(bytes);
    this.#held = 1;
  }

  /** Takes the byte at `end` out. What is held was text. */
  drop(bytes: Uint8Array): void {
    bytes[this.end] = 0;
    this.#settle(bytes);
  }

  /** Takes the byte at `end` out, and the one held in front of it. */
  retract(bytes: Uint8Array): void {
    bytes[this.end] = 0;
    bytes[this.#length] = 0;
    this.#held = 0;
  }

  /** Takes in a character that a sequence of bytes stood for, as UTF-8. */
  insert(bytes: Uint8Array, point: number): void {
    const length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    for (let part = length - 1; part >= 0; part--) {
      const mark = part < length - 1 ? 0x80 : length === 1 ? 0 : (0xf00 >> length) & 0xff;
      bytes[this.#length] = mark | ((point >> (6 * part)) & (part < length - 1 ? 0x3f : 0x7f));
      this.#add(bytes);
    }
  }

  /** Takes back a carriage return at the end: half of the line end of other systems. */
  dropReturn(bytes: Uint8Array): void {
    if (!this.#isTooLong && bytes[this.#length - 1] === 13) this.#truncate(bytes, this.#length - 1);
  }

  /** Takes back the last character. What did not fit was never kept: it stays too long. */
  erase(bytes: Uint8Array): boolean {
    return this.#truncate(bytes, startOfLastCharacter(bytes, this.#length));
  }

  /** Takes back the last word and the spaces behind it. */
  eraseWord(bytes: Uint8Array): boolean {
    let start = this.#length;
    while (start > 0 && isSpace(bytes[start - 1])) start -= 1;
    while (start > 0 && !isSpace(bytes[start - 1])) start -= 1;
    return this.#truncate(bytes, start);
  }

  eraseAll(bytes: Uint8Array): boolean {
    const wasEmpty = this.isEmpty;
    this.#isTooLong = false;
    this.#held = 0;
    this.#truncate(bytes, 0);
    return !wasEmpty;
  }

  characters(bytes: Uint8Array): number {
    return countCharacters(bytes, this.#length);
  }

  /**
   * The text as a secret of exactly its length; the line is destroyed.
   *
   * @param maxBytes the most that is accepted; by default all that fits
   * @param isNew it will be typed again, perhaps elsewhere; see {@link whyNoText}
   * @throws {LetheError} `ERR_LETHE_PROMPT_EMPTY`, `ERR_LETHE_PROMPT_TOO_LONG`, `ERR_LETHE_ENCODING`
   */
  finish(maxBytes: number = this.#maxBytes, isNew: boolean = false): SecretBuffer {
    try {
      this.open(() => undefined);
      if (this.#isTooLong || this.#length > maxBytes) {
        throw new LetheError(
          "ERR_LETHE_PROMPT_TOO_LONG",
          `Cannot prompt for secret: the line is longer than ${maxBytes} bytes; raise maxBytes if that is meant`,
        );
      }
      if (this.#length === 0) {
        throw new LetheError(
          "ERR_LETHE_PROMPT_EMPTY",
          "Cannot prompt for secret: the line is empty",
        );
      }
      const fault = this.#secret.expose((bytes) => whyNoText(bytes, this.#length, isNew));
      if (fault !== null) {
        throw new LetheError("ERR_LETHE_ENCODING", `Cannot prompt for secret: the line ${fault}`);
      }
      return this.#secret.slice(0, this.#length);
    } finally {
      this.destroy();
    }
  }

  destroy(): void {
    this.#secret.destroy();
  }

  /** The byte that is held is text after all. */
  #settle(bytes: Uint8Array): void {
    if (this.#held === 0) return;
    this.#held = 0;
    const next = bytes[this.#length + 1] as number;
    this.#add(bytes);
    bytes[this.#length + 1] = 0;
    bytes[this.#length] = next;
  }

  #add(bytes: Uint8Array): void {
    if (this.#length < this.#maxBytes) this.#length += 1;
    else this.#isTooLong = true;
    bytes[this.#length] = 0;
  }

  #truncate(bytes: Uint8Array, start: number): boolean {
    if (start === this.#length) return false;
    bytes.fill(0, start, this.#length + 1);
    this.#length = start;
    return true;
  }
}

/** Behind the text: a byte that is held, and the next one. */
const ROOM = 2;

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
