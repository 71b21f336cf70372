import { bare } from "../../core/arguments/own.ts";
import { offHeapBytes } from "../../core/mod.ts";
import type { Key } from "./key.ts";

/** Fields of a control sequence that mean something here, and the parts that each may have. */
const FIELDS = 3;
const PARTS = 8;
/** Where the text lies that a key gives. */
const TEXT = 2;

/**
 * The parameters of a control sequence, `1;2:3;4`. They may be a secret: a terminal that sends every
 * key as a sequence sends letters so. They lie off the heap, and are wiped before the next byte.
 */
export class Parameters {
  readonly #values = new Uint32Array(offHeapBytes(4 * FIELDS * PARTS).buffer);
  #field = 0;
  #part = 0;

  /** 0 where there is none. */
  at(field: number, part: number): number {
    return this.#values[field * PARTS + part] ?? 0;
  }

  take(byte: number): void {
    if (byte === SEMICOLON) {
      this.#field += 1;
      this.#part = 0;
    } else if (byte === COLON) {
      this.#part += 1;
    } else if (this.#field < FIELDS && this.#part < PARTS) {
      const at = this.#field * PARTS + this.#part;
      this.#values[at] = Math.min((this.#values[at] as number) * 10 + byte - 0x30, 0x11_0000);
    }
  }

  /** Leaves `point` as the text. */
  give(point: number): void {
    this.#values.fill(0);
    this.#values[TEXT * PARTS] = point;
  }

  /** The code points of the text, up to the first that is missing. */
  text(use: (point: number) => void): void {
    for (let part = 0; part < PARTS; part++) {
      const point = this.at(TEXT, part);
      if (point === 0) return;
      use(point);
    }
  }

  clear(): void {
    this.#values.fill(0);
    this.#field = 0;
    this.#part = 0;
  }
}

/** What a control character does. */
export function controlKey(byte: number): Key {
  return CONTROLS[byte] ?? "unknown";
}

/** What a character behind SS3 does: Enter and the digits of the keypad, and keys without a meaning. */
export function keypadKey(final: number, parameters: Parameters): Key {
  if (final === 0x4d) return "enter";
  if (final < 0x6a || final > 0x79) return "unknown";
  parameters.give(final - 0x40); // j to y: * + , - . / 0 to 9
  return "insert";
}

/** What a control sequence does that a key may have sent. */
export function sequenceKey(final: number, parameters: Parameters): Key {
  if (parameters.at(1, 1) === RELEASED) return "more";
  const first = parameters.at(0, 0);
  if (final === TILDE && (first === 200 || first === 201)) return "more"; // the ends of a paste
  if (final === TILDE && first === 27) return otherKey(parameters);
  if (final === LETTER_U) return codeKey(parameters);
  return SILENT.includes(final) ? "more" : "unknown";
}

/** `CSI 27 ; modifiers ; character ~`, by which xterm sends keys under modifyOtherKeys. */
function otherKey(parameters: Parameters): Key {
  const point = parameters.at(TEXT, 0);
  const modifiers = parameters.at(1, 0);
  const key = editingKey(point, 0, modifiers);
  if (key !== null) return key;
  if (!isCharacter(point)) return "unknown";
  parameters.give(point); // with Shift it is the character that Shift gives
  return "insert";
}

/** `CSI code:shifted:base ; modifiers:event ; text u`, the kitty keyboard protocol. */
function codeKey(parameters: Parameters): Key {
  const code = parameters.at(0, 0);
  if (code >= 57358 && code <= 57360) return "more"; // the locks
  if (code >= 57441 && code <= 57454) return "more"; // Shift, Ctrl and their like by themselves
  const modifiers = parameters.at(1, 0);
  const key = editingKey(code, parameters.at(0, 2), modifiers);
  if (key !== null) return key;
  let isText = parameters.at(TEXT, 0) !== 0;
  parameters.text((point) => {
    isText &&= isCharacter(point);
  });
  if (isText) return "insert";
  const point = characterOf(code, parameters.at(0, 1), modifiers);
  if (!isCharacter(point)) return "unknown";
  parameters.give(point);
  return "insert";
}

/** Enter, Backspace and what Ctrl or another modifier makes of a key; null for a plain character. */
function editingKey(code: number, base: number, modifiers: number): Key | null {
  const held = Math.max(modifiers - 1, 0) & ~(SHIFT | CAPS_LOCK | NUM_LOCK);
  if (code === 13 || code === KEYPAD_ENTER) return "enter";
  if (code === 127 || code === 8) return held === 0 ? "erase" : "erase-word";
  if (held === 0) return null;
  const letter = code < 0x80 ? code : base; // the key of that place on a Latin keyboard
  if ((held & ~ALT) !== CTRL || letter < 0x41) return "unknown";
  const key = controlKey(letter & 0x1f);
  return key === "text" ? "unknown" : key;
}

/** What a key gives under Shift and Caps Lock; 0 where only the keyboard's layout could tell. */
function characterOf(code: number, shifted: number, modifiers: number): number {
  const held = Math.max(modifiers - 1, 0);
  if (code >= KEYPAD_ZERO && code < KEYPAD_ENTER) {
    return "0123456789./*-+".charCodeAt(code - KEYPAD_ZERO);
  }
  if (code === KEYPAD_ENTER + 1) return 0x3d;
  if (code === KEYPAD_ENTER + 2) return 0x2c;
  if (code >= 0x61 && code <= 0x7a) {
    const isUpper = ((held & SHIFT) !== 0) !== ((held & CAPS_LOCK) !== 0);
    return isUpper ? code - 0x20 : code;
  }
  if ((held & SHIFT) !== 0 && code !== 0x20) return code >= 0x41 && code <= 0x5a ? code : shifted;
  return (held & CAPS_LOCK) !== 0 && code >= 0x80 ? 0 : code;
}

/** Whether it is a character and not a control, a surrogate or a key that kitty gave a number. */
function isCharacter(point: number): boolean {
  if (point < 0x20 ? point !== 0x09 : point >= 0x7f && point < 0xa0) return false;
  return point < 0xd800 || (point > 0xf8ff && point <= 0x10_ffff);
}

const CONTROLS: Readonly<Record<number, Key>> = bare({
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
});

const COLON = 0x3a;
const SEMICOLON = 0x3b;
const TILDE = 0x7e;
const LETTER_U = 0x75;
/** No keys: focus, mouse reports with parameters, and answers about the terminal. */
const SILENT: readonly number[] = [..."IOMcntxy"].map((letter) => letter.charCodeAt(0));

/** Bits of a modifier field, which is one more than their sum. */
const SHIFT = 1;
const ALT = 2;
const CTRL = 4;
const CAPS_LOCK = 64;
const NUM_LOCK = 128;
/** The event of a key that is let go. */
const RELEASED = 3;

const KEYPAD_ZERO = 57399;
const KEYPAD_ENTER = 57414;
