/**
 * What a byte from the terminal means.
 *
 * - `text`: a byte of the line
 * - `more`: part of a key that is not complete, or nothing
 * - `unknown`: a key without a meaning here (an arrow, a function key, a control character)
 */
export type Key =
  | "text"
  | "more"
  | "unknown"
  | "enter"
  | "end"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "erase"
  | "erase-word"
  | "erase-line";

const CONTROLS: Readonly<Record<number, Key>> = {
  3: "interrupt", // Ctrl-C
  4: "end", // Ctrl-D
  8: "erase", // Ctrl-H, and Backspace of some terminals
  9: "text", // Tab
  10: "enter", // Ctrl-J
  12: "redraw", // Ctrl-L
  13: "enter",
  18: "redraw", // Ctrl-R, the reprint character of termios(3)
  21: "erase-line", // Ctrl-U
  23: "erase-word", // Ctrl-W
  26: "suspend", // Ctrl-Z
  28: "interrupt", // Ctrl-\, which would leave a core file
  127: "erase", // Backspace
};

const ESCAPE = 0x1b;

/**
 * Turns bytes into keys. Escape sequences (ECMA-48 CSI and SS3) are swallowed whole, so that an
 * arrow key leaves no `[A` in a password. The markers of a bracketed paste are two of them: what
 * lies between is taken as if it were typed.
 */
export class KeyReader {
  #state: "ground" | "escape" | "csi" | "ss3" = "ground";
  #parameter = 0;

  /** Whether a sequence has begun that is not complete. */
  get pending(): boolean {
    return this.#state !== "ground";
  }

  feed(byte: number): Key {
    if (byte === ESCAPE) return this.#enter("escape");
    if (this.#state === "ground") {
      return byte >= 0x20 && byte !== 0x7f ? "text" : (CONTROLS[byte] ?? "unknown");
    }
    if (this.#state === "escape" && byte === 0x5b) return this.#enter("csi");
    if (this.#state === "escape" && byte === 0x4f) return this.#enter("ss3");
    if (this.#state === "csi" && byte >= 0x20 && byte < 0x40) return this.#parameters(byte);
    const state = this.#state;
    this.#state = "ground";
    if (state === "escape") return CONTROLS[byte] === "erase" ? "erase-word" : "unknown";
    return state === "csi" && byte === 0x7e && PASTE.includes(this.#parameter) ? "more" : "unknown";
  }

  /** Gives up a sequence that did not go on: the Escape key by itself. */
  reset(): void {
    this.#state = "ground";
  }

  #enter(state: "escape" | "csi" | "ss3"): Key {
    this.#state = state;
    this.#parameter = 0;
    return "more";
  }

  #parameters(byte: number): Key {
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (isDigit) this.#parameter = Math.min(this.#parameter * 10 + byte - 0x30, 9999);
    return "more";
  }
}

/** `ESC [ 200 ~` begins a bracketed paste, `ESC [ 201 ~` ends it. */
const PASTE: readonly number[] = [200, 201];
