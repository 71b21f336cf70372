import { bare } from "../../core/arguments/own.ts";
import { type InputAction, type InputState, ruleFor } from "./input_grammar.ts";
import type { Key } from "./key.ts";
import { controlKey, keypadKey, Parameters, sequenceKey } from "./key_codes.ts";

/**
 * Turns bytes into keys. What a terminal sends by itself is swallowed whole, and so are the keys that
 * mean nothing here: an arrow leaves no `[A` in a password, and the answer to a query no colour. The
 * markers of a bracketed paste are two of these: what lies between is taken as if it were typed.
 */
export class KeyReader {
  readonly #parameters = new Parameters();
  #state: InputState = "ground";
  #byteLength = 0;
  #lacking = 0;
  #idle = 0;

  feed(byte: number): Key {
    this.#idle = 0;
    this.#byteLength += 1;
    if (this.#byteLength > LONGEST) return this.#break();
    const state = this.#state;
    const [, , action, next] = ruleFor(state, byte);
    this.#state = next;
    const key = this.#act(action, state, byte);
    if (this.#state === "ground") this.#byteLength = 0;
    if (this.#state !== "parameters" && key !== "insert") this.#parameters.clear();
    return key;
  }

  /** The code points of `insert`. They are wiped behind it. */
  points(use: (point: number) => void): void {
    this.#parameters.text(use);
    this.#parameters.clear();
  }

  /** Nothing came for some time: `broken`, or an Escape by itself, which must not swallow the next key. */
  waited(milliseconds: number): Key {
    this.#idle += milliseconds;
    if (this.#idle < PATIENCE[this.#state]) return "more";
    if (this.#state !== "escape" && this.#state !== "intermediate") return this.#break();
    this.reset();
    return "more";
  }

  /** What came before is over. */
  reset(): void {
    this.#state = "ground";
    this.#byteLength = 0;
    this.#idle = 0;
    this.#parameters.clear();
  }

  #break(): Key {
    this.reset();
    return "broken";
  }

  #act(action: InputAction, state: InputState, byte: number): Key {
    switch (action) {
      case "text":
      case "hold":
        return action;
      case "again":
        return this.feed(byte);
      case "key":
        return controlKey(byte);
      case "key-inside":
        return this.#keyInside(byte);
      case "c1":
        return this.#state === "ground" ? "retract-unknown" : "retract";
      case "parameter":
        this.#parameters.take(byte);
        return "more";
      case "final":
        return sequenceKey(byte, this.#parameters);
      case "final-ss3":
        return keypadKey(byte, this.#parameters);
      case "alt":
        return "erase-word";
      case "function":
        return "unknown";
      case "report":
        this.#lacking = REPORTED[byte] ?? 0;
        return "more";
      case "count":
        this.#lacking -= 1;
        if (this.#lacking === 0)
          this.#state = state === "mouse" && byte >= 0xc2 ? "rest" : "ground";
        return "more";
      default:
        return "more";
    }
  }

  /** Enter would take a line of which part was swallowed. Ctrl-C is never swallowed. */
  #keyInside(byte: number): Key {
    const key = controlKey(byte);
    if (key === "enter") return this.#break();
    return key === "interrupt" ? key : "more";
  }
}

/** The longest answer of a terminal, in bytes: a whole picture or clipboard is none to a prompt. */
const LONGEST = 65_536;

/** The characters behind `CSI M`, `CSI t` and `CSI T`. */
const REPORTED: Readonly<Record<number, number>> = bare({ 77: 3, 116: 2, 84: 6 });

/** In milliseconds. A terminal writes a control function at once: only a slow line comes between. */
const PATIENCE: Readonly<Record<InputState, number>> = {
  ground: Number.POSITIVE_INFINITY,
  lead: Number.POSITIVE_INFINITY,
  rest: Number.POSITIVE_INFINITY,
  escape: 200,
  intermediate: 40, // Alt and a punctuation mark is far more common
  ss2: 1000,
  ss3: 1000,
  csi: 1000,
  parameters: 1000,
  intermediates: 1000,
  console: 1000,
  mouse: 1000,
  "mouse-lead": 1000,
  string: 1000,
  "string-lead": 1000,
  "string-escape": 1000,
};
