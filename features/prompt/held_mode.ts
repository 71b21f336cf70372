import { bare } from "../../core/arguments/own.ts";

/** A stream of a terminal, as far as its mode goes. */
export interface ModeStream {
  readonly isRaw: boolean;
  setRawMode(isRaw: boolean): unknown;
}

/**
 * The mode of a stream while a prompt is open. It is the ordinary one, which a shell wants when the program
 * stops; and what the application asks for during the prompt, as readline does when it is closed, is noted
 * and done afterwards: done at once, it would show what is typed.
 */
export class HeldMode {
  readonly #stream: ModeStream;
  readonly #own: PropertyDescriptor | undefined;
  #wanted: boolean;

  constructor(stream: ModeStream) {
    this.#stream = stream;
    this.#wanted = stream.isRaw;
    if (stream.isRaw) stream.setRawMode(false);
    this.#own = Object.getOwnPropertyDescriptor(stream, NAME);
    const value = (isRaw: boolean): ModeStream => {
      this.#wanted = Boolean(isRaw);
      return stream;
    };
    const held = { configurable: true, enumerable: false, writable: true, value };
    Object.defineProperty(stream, NAME, bare(held));
  }

  /** @param isOver the stream is closed, or the process ends: the mode stays as a shell wants it */
  release(isOver: boolean): void {
    if (this.#own === undefined) Reflect.deleteProperty(this.#stream, NAME);
    else Object.defineProperty(this.#stream, NAME, bare(this.#own));
    if (!isOver && this.#wanted) this.#stream.setRawMode(true);
  }
}

const NAME = "setRawMode";
