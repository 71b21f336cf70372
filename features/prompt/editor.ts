import type { Key } from "./key.ts";
import { KeyReader } from "./keys.ts";
import type { Line } from "./line.ts";

/** What a byte has done: changed or kept the line, nothing that the line could do, or ended it. */
export type Edited =
  | "edited"
  | "refused"
  | "enter"
  | "end"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "broken";

/** Edits a line by the bytes of a terminal, one after another. */
export class Editor {
  readonly #line: Line;
  readonly #keys = new KeyReader();

  constructor(line: Line) {
    this.#line = line;
  }

  /** Takes the byte at the line's end. */
  feed(bytes: Uint8Array<ArrayBuffer>): Edited {
    const line = this.#line;
    const key = this.#keys.feed(bytes[line.end] as number);
    if (key === "text") line.take(bytes);
    else if (key === "hold") line.hold(bytes);
    else if (key === "retract" || key === "retract-unknown") line.retract(bytes);
    else line.drop(bytes);
    return this.#edit(bytes, key);
  }

  /** Passes over the byte at the line's end: only what it begins counts, or ends. */
  pass(bytes: Uint8Array<ArrayBuffer>): void {
    const key = this.#keys.feed(bytes[this.#line.end] as number);
    if (key === "insert") this.#keys.points(() => undefined);
    this.#line.drop(bytes);
  }

  /** Nothing came for some time. */
  waited(milliseconds: number): "edited" | "broken" {
    return this.#keys.waited(milliseconds) === "broken" ? "broken" : "edited";
  }

  /** What the terminal had begun is over. */
  reset(): void {
    this.#keys.reset();
  }

  #edit(bytes: Uint8Array<ArrayBuffer>, key: Key): Edited {
    const line = this.#line;
    switch (key) {
      case "text":
      case "hold":
      case "retract":
      case "more":
        return "edited";
      case "insert":
        this.#keys.points((point) => line.insert(bytes, point));
        return "edited";
      case "erase":
        return line.erase(bytes) ? "edited" : "refused";
      case "erase-word":
        return line.eraseWord(bytes) ? "edited" : "refused";
      case "erase-line":
        return line.eraseAll(bytes) ? "edited" : "refused";
      case "unknown":
      case "retract-unknown":
        return "refused";
      case "end":
        return line.isEmpty ? "end" : "refused";
      default:
        return key;
    }
  }
}
