import { describe, expect, it } from "vitest";
import { type InputState, ruleFor } from "./input_grammar.ts";

/** As in the parser of a VT500: CAN, SUB and ESC end a control function, other controls act inside of it. */
const inside = (state: InputState): readonly string[] => [
  `00-17 key-inside ${state}`,
  "18-18 skip ground",
  `19-19 key-inside ${state}`,
  "1a-1a key ground",
  "1b-1b skip escape",
  `1c-1f key-inside ${state}`,
];

/** Each state, with what every byte from 00 to ff does in it and the state behind it. */
const EXPECTED: Readonly<Record<InputState, readonly string[]>> = {
  ground: [
    "00-1a key ground",
    "1b-1b skip escape",
    "1c-1f key ground",
    "20-7e text ground",
    "7f-7f key ground",
    "80-c1 text ground",
    "c2-c2 hold lead",
    "c3-ff text ground",
  ],
  escape: [
    "00-07 key ground",
    "08-08 alt ground",
    "09-09 function ground",
    "0a-1a key ground",
    "1b-1b skip escape",
    "1c-1f key ground",
    "20-2f skip intermediate",
    "30-4d function ground",
    "4e-4e skip ss2",
    "4f-4f skip ss3",
    "50-50 skip string",
    "51-57 function ground",
    "58-58 skip string",
    "59-5a function ground",
    "5b-5b skip csi",
    "5c-5c function ground",
    "5d-5f skip string",
    "60-7e function ground",
    "7f-7f alt ground",
    "80-ff function rest",
  ],
  lead: [
    "00-7f again ground",
    "80-8d c1 ground",
    "8e-8e c1 ss2",
    "8f-8f c1 ss3",
    "90-90 c1 string",
    "91-97 c1 ground",
    "98-98 c1 string",
    "99-9a c1 ground",
    "9b-9b c1 csi",
    "9c-9c c1 ground",
    "9d-9f c1 string",
    "a0-ff again ground",
  ],
  intermediate: [
    ...inside("intermediate"),
    "20-2f skip intermediate",
    "30-7e function ground",
    "7f-7f skip intermediate",
    "80-ff again ground",
  ],
  ss2: [...inside("ss2"), "20-7e function ground", "7f-7f skip ss2", "80-ff function rest"],
  ss3: [
    ...inside("ss3"),
    "20-2f final-ss3 ground",
    "30-3f skip ss3",
    "40-7e final-ss3 ground",
    "7f-7f skip ss3",
    "80-ff function rest",
  ],
  string: [
    "00-06 key-inside string",
    "07-07 skip ground",
    "08-17 key-inside string",
    "18-18 skip ground",
    "19-19 key-inside string",
    "1a-1a key ground",
    "1b-1b skip string-escape",
    "1c-1f key-inside string",
    "20-c1 skip string",
    "c2-c2 skip string-lead",
    "c3-ff skip string",
  ],
  csi: [
    ...inside("csi"),
    "20-4c again parameters",
    "4d-4d report mouse",
    "4e-53 again parameters",
    "54-54 report mouse",
    "55-5a again parameters",
    "5b-5b skip console",
    "5c-73 again parameters",
    "74-74 report mouse",
    "75-7e again parameters",
    "7f-7f skip csi",
    "80-ff again parameters",
  ],
  rest: ["00-7f again ground", "80-bf skip rest", "c0-ff again ground"],
  "string-escape": ["00-5b again string", "5c-5c skip ground", "5d-ff again string"],
  "string-lead": ["00-9b again string", "9c-9c skip ground", "9d-ff again string"],
  parameters: [
    ...inside("parameters"),
    "20-2f skip intermediates",
    "30-3b parameter parameters",
    "3c-3f skip intermediates",
    "40-7e final ground",
    "7f-7f skip parameters",
    "80-ff again ground",
  ],
  mouse: [...inside("mouse"), "20-c1 count mouse", "c2-df count mouse-lead", "e0-ff count mouse"],
  console: [
    ...inside("console"),
    "20-7e function ground",
    "7f-7f skip console",
    "80-ff again ground",
  ],
  intermediates: [
    ...inside("intermediates"),
    "20-3f skip intermediates",
    "40-7e skip ground",
    "7f-7f skip intermediates",
    "80-ff again ground",
  ],
  "mouse-lead": ["00-7f again mouse", "80-bf skip mouse", "c0-ff again mouse"],
};

/** The rules of a state in the same form: one row for each run of bytes that do the same. */
function rows(state: InputState): readonly string[] {
  const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
  const found: { first: number; last: number; what: string }[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const [, , action, next] = ruleFor(state, byte);
    const what = `${action} ${next}`;
    const last = found.at(-1);
    if (last?.what === what) last.last = byte;
    else found.push({ first: byte, last: byte, what });
  }
  return found.map(({ first, last, what }) => `${hex(first)}-${hex(last)} ${what}`);
}

describe("every byte of a terminal's input", () => {
  it.each(Object.keys(EXPECTED) as InputState[])("in the state %s", (state) => {
    expect(rows(state)).toEqual(EXPECTED[state]);
  });

  it("is a byte", () => {
    for (const byte of [-1, 256]) expect(() => ruleFor("ground", byte)).toThrow(RangeError);
    expect(() => ruleFor("rest", 256)).toThrow("No rule for byte 256 in rest");
  });
});
