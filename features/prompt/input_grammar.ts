/**
 * What a terminal sends, as a table: the control functions of ECMA-48 and the forms that terminals
 * added. The model is Paul Williams' parser for the other direction (vt100.net/emu/dec_ansi_parser).
 *
 * - `escape`: ESC came. Alone it is the Esc key; with a character behind it, Alt and that character
 * - `intermediate`: ESC and bytes 20 to 2F, of which a final byte makes a control function
 * - `ss2`, `ss3`: a character shifted by SS2 or SS3: arrows, F1 to F4, the keypad
 * - `csi`, `parameters`, `intermediates`: a control sequence, up to its final byte
 * - `console`: `ESC [ [`, behind which the Linux console puts one letter for F1 to F5
 * - `mouse`, `mouse-lead`: the characters behind a mouse report of X10: three, two or six
 * - `string`, `string-lead`, `string-escape`: OSC, DCS, APC, PM or SOS, up to ST or BEL
 * - `lead`: C2, with which UTF-8 begins both the C1 controls (C2 80 to C2 9F) and letters
 * - `rest`: only bytes of a character whose beginning was passed over
 */
export type InputState =
  | "ground"
  | "lead"
  | "rest"
  | "escape"
  | "intermediate"
  | "ss2"
  | "ss3"
  | "csi"
  | "parameters"
  | "intermediates"
  | "console"
  | "mouse"
  | "mouse-lead"
  | "string"
  | "string-lead"
  | "string-escape";

/**
 * What is done with a byte.
 *
 * - `text`: it is of the line. `hold`: it may be
 * - `key`: a control character. `key-inside`: one in the middle of a control function
 * - `skip`: it belongs to a control function
 * - `parameter`: likewise, and its value counts
 * - `final`: it ends a control sequence. `final-ss3`: it is what SS3 shifted
 * - `alt`: Alt was held. `function`: a key, or more than one, without a meaning here
 * - `report`: a mouse report begins. `count`: one character of it
 * - `c1`: with the byte that is held, it is a C1 control
 * - `again`: what had begun has ended before it; the next state decides
 */
export type InputAction =
  | "text"
  | "hold"
  | "key"
  | "key-inside"
  | "skip"
  | "parameter"
  | "final"
  | "final-ss3"
  | "alt"
  | "function"
  | "report"
  | "count"
  | "c1"
  | "again";

type Rule = readonly [first: number, last: number, action: InputAction, next: InputState];

const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;

/** Control characters inside `state`: as in a terminal, three end it and the others act in between. */
function controlsInside(state: InputState): readonly Rule[] {
  return [
    [CAN, CAN, "skip", "ground"],
    [SUB, SUB, "key", "ground"],
    [ESC, ESC, "skip", "escape"],
    [0x00, 0x1f, "key-inside", state],
    [0x7f, 0x7f, "skip", state],
  ];
}

/** The first rule that holds the byte decides. */
const RULES: Readonly<Record<InputState, readonly Rule[]>> = {
  ground: [
    [ESC, ESC, "skip", "escape"],
    [0x00, 0x1f, "key", "ground"],
    [0x7f, 0x7f, "key", "ground"],
    [0xc2, 0xc2, "hold", "lead"],
    [0x20, 0xff, "text", "ground"],
  ],
  lead: [
    [0x8e, 0x8e, "c1", "ss2"],
    [0x8f, 0x8f, "c1", "ss3"],
    [0x90, 0x90, "c1", "string"],
    [0x98, 0x98, "c1", "string"],
    [0x9b, 0x9b, "c1", "csi"],
    [0x9d, 0x9f, "c1", "string"],
    [0x80, 0x9f, "c1", "ground"],
    [0x00, 0xff, "again", "ground"],
  ],
  rest: [
    [0x80, 0xbf, "skip", "rest"],
    [0x00, 0xff, "again", "ground"],
  ],
  escape: [
    [0x08, 0x08, "alt", "ground"],
    [0x09, 0x09, "function", "ground"],
    [ESC, ESC, "skip", "escape"],
    [0x00, 0x1f, "key", "ground"],
    [0x20, 0x2f, "skip", "intermediate"],
    [0x4e, 0x4e, "skip", "ss2"],
    [0x4f, 0x4f, "skip", "ss3"],
    [0x50, 0x50, "skip", "string"],
    [0x58, 0x58, "skip", "string"],
    [0x5b, 0x5b, "skip", "csi"],
    [0x5d, 0x5f, "skip", "string"],
    [0x30, 0x7e, "function", "ground"],
    [0x7f, 0x7f, "alt", "ground"],
    [0x80, 0xff, "function", "rest"],
  ],
  intermediate: [
    ...controlsInside("intermediate"),
    [0x20, 0x2f, "skip", "intermediate"],
    [0x30, 0x7e, "function", "ground"],
    [0x80, 0xff, "again", "ground"],
  ],
  ss2: [
    ...controlsInside("ss2"),
    [0x20, 0x7e, "function", "ground"],
    [0x80, 0xff, "function", "rest"],
  ],
  ss3: [
    ...controlsInside("ss3"),
    [0x30, 0x3f, "skip", "ss3"],
    [0x20, 0x7e, "final-ss3", "ground"],
    [0x80, 0xff, "function", "rest"],
  ],
  csi: [
    ...controlsInside("csi"),
    [0x4d, 0x4d, "report", "mouse"],
    [0x54, 0x54, "report", "mouse"],
    [0x74, 0x74, "report", "mouse"],
    [0x5b, 0x5b, "skip", "console"],
    [0x20, 0xff, "again", "parameters"],
  ],
  parameters: [
    ...controlsInside("parameters"),
    [0x30, 0x3b, "parameter", "parameters"],
    [0x20, 0x3f, "skip", "intermediates"],
    [0x40, 0x7e, "final", "ground"],
    [0x80, 0xff, "again", "ground"],
  ],
  intermediates: [
    ...controlsInside("intermediates"),
    [0x20, 0x3f, "skip", "intermediates"],
    [0x40, 0x7e, "skip", "ground"],
    [0x80, 0xff, "again", "ground"],
  ],
  console: [
    ...controlsInside("console"),
    [0x20, 0x7e, "function", "ground"],
    [0x80, 0xff, "again", "ground"],
  ],
  mouse: [
    [0x7f, 0x7f, "count", "mouse"],
    ...controlsInside("mouse"),
    [0xc2, 0xdf, "count", "mouse-lead"],
    [0x20, 0xff, "count", "mouse"],
  ],
  "mouse-lead": [
    [0x80, 0xbf, "skip", "mouse"],
    [0x00, 0xff, "again", "mouse"],
  ],
  string: [
    [BEL, BEL, "skip", "ground"],
    [ESC, ESC, "skip", "string-escape"],
    ...controlsInside("string"),
    [0xc2, 0xc2, "skip", "string-lead"],
    [0x20, 0xff, "skip", "string"],
  ],
  "string-lead": [
    [0x9c, 0x9c, "skip", "ground"],
    [0x00, 0xff, "again", "string"],
  ],
  "string-escape": [
    [0x5c, 0x5c, "skip", "ground"],
    [0x00, 0xff, "again", "string"],
  ],
};

/** What `byte` means in `state`, and the state behind it. */
export function ruleFor(state: InputState, byte: number): Rule {
  for (const rule of RULES[state]) {
    if (byte >= rule[0] && byte <= rule[1]) return rule;
  }
  throw new RangeError(`No rule for byte ${byte} in ${state}`);
}
