/** What a prompt shows: its text, and masks for the characters. */
export class Screen {
  readonly #write: (text: string) => void;
  readonly #text: string;
  readonly #mask: string;
  #shown = 0;

  constructor(write: (text: string) => void, text: string, mask: string) {
    this.#write = write;
    this.#text = text;
    this.#mask = mask;
  }

  /** Draws all of it, on a line that may have something else on it. */
  draw(characters: () => number): void {
    this.#shown = 0;
    this.#write(`\r${ERASE_TO_END}${this.#text}`);
    this.show(characters);
  }

  /** Brings the masks to one for each character; they are counted only if they are shown. */
  show(characters: () => number): void {
    if (this.#mask === "") return;
    const count = characters();
    const more = count - this.#shown;
    this.#write(more > 0 ? this.#mask.repeat(more) : "\b \b".repeat(-more));
    this.#shown = count;
  }

  ring(): void {
    this.#write(BELL);
  }

  endLine(): void {
    this.#write("\n");
  }
}

const BELL = "\x07";
const ERASE_TO_END = "\x1b[K";
