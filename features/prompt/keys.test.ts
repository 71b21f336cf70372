import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bytesOf,
  controlFunctions,
  inputs,
  TypedLine,
} from "../../testing/features/prompt/terminal_input.ts";
import { SOAK } from "../../testing/tier.ts";
import { type InputState, ruleFor } from "./input_grammar.ts";

const RUNS = !SOAK ? 100 : 20_000;

function typed(keys: string): TypedLine {
  const line = new TypedLine();
  line.feed(...bytesOf(keys));
  return line;
}

describe("keys", () => {
  it.each([
    ["an arrow", "a\x1b[Ab", "ab"],
    ["F1 of the Linux console", "\x1b[[Apw", "pw"],
    ["a mouse report of X10", "\x1b[Mabcpw", "pw"],
    ["a mouse report far to the right", "\x1b[M \xa1\xa2pw", "pw"],
    ["a colour, ended by ST", "\x1b]11;rgb:1111/2222/3333\x1b\\pw", "pw"],
    ["a colour, ended by BEL", "\x1b]11;rgb:1111/2222/3333\x07pw", "pw"],
    ["a DCS string", "\x1bP1$r0m\x1b\\pw", "pw"],
    ["an APC string", "\x1b_Gi=1;OK\x1b\\pw", "pw"],
    ["8-bit controls", "\x9bA\x9d11;rgb\x9cp\x8fPw\x84", "pw"],
    ["letters that begin as 8-bit controls do", "\xa9\xbf\xa1", "\xa9\xbf\xa1"],
    ["a bracketed paste", "\x1b[200~ab\x1b[201~", "ab"],
    ["Backspace, Ctrl-U and Ctrl-W of kitty", "x\x1b[117;5uab c\x1b[119;5ud\x1b[127u", "ab "],
    ["Ctrl-U in Cyrillic, by the place of the key", "x\x1b[1075::117;5uy", "y"],
    ["Ctrl-W of modifyOtherKeys", "ab cd\x1b[27;5;119~", "ab "],
    ["letters of kitty", "\x1b[97u\x1b[97;2u\x1b[97;65u\x1b[49:33;2u\x1b[32;2u", "aAA! "],
    ["Caps Lock", "\x1b[97;65u\x1b[97;66u", "Aa"],
    ["the text that a key gives", "\x1b[97;;229:769u", "\xe5\u0301"],
    ["the keypad", "\x1bOp\x1bOy\x1bOj\x1b[57399u\x1b[57409u\x1b[57415u", "09*0.="],
    ["keys that are let go", "\x1b[97;1:3u\x1b[13;1:3u\x1b[1;1:3A", "(ERR_LETHE_PROMPT_EMPTY)"],
    ["Alt and Backspace", "ab cd\x1b\x7f", "ab "],
    ["a letter that is cut by a control", "a\xc3\x1b[A", "a\xc3"],
    ["a tab", "\t", "\t"],
  ])("of %s", (_, keys, text) => {
    expect(typed(keys).text()).toBe(text);
  });

  it.each([
    [
      "Enter",
      ["\r", "\n", "\x1b[13u", "\x1b[13;2u", "\x1b[57414u", "\x1bOM", "\x1b[27;5;106~"],
      "enter",
    ],
    [
      "Ctrl-C",
      ["\x03", "\x1b\x03", "\x1b[99;5u", "\x1b[27;5;99~", "\x1b[67;6u", "\x1c"],
      "interrupt",
    ],
    ["Ctrl-C of a Cyrillic keyboard", ["\x1b[1089::99;5u"], "interrupt"],
    ["Ctrl-C in the middle of a string", ["\x1b]11;rgb\x03", "\x1b[1;\x03"], "interrupt"],
    ["Ctrl-D", ["\x04", "\x1b[100;5u"], "end"],
    ["Ctrl-Z", ["\x1a", "\x1b[122;5u", "\x1b]11;\x1a"], "suspend"],
    ["Ctrl-L", ["\x0c", "\x1b[108;5u"], "redraw"],
    ["Enter in what has no end", ["\x1b]11;rgb\r", "\x1b[12\r", "\x1bP\n", "\x1b[Mab\r"], "broken"],
    [
      "a key without a meaning",
      ["\x1b[A", "\x01", "\0", "\x1b[1;5P", "\x1b[27u", "\x1ba", "\x84"],
      "refused",
    ],
    ["Shift and a key that only the layout knows", ["\x1b[49;2u"], "refused"],
    ["a surrogate, and what is not a code point", ["\x1b[55296u", "\x1b[9999999u"], "refused"],
  ])("that mean %s", (_, spellings, event) => {
    for (const keys of spellings) expect(typed(keys).events.slice(0, 1), keys).toEqual([event]);
  });

  it("leave nothing of a control function in any line", () => {
    fc.assert(
      fc.property(inputs, fc.nat(50), (parts, pause) => {
        const line = new TypedLine();
        for (const byte of parts.flatMap(({ bytes }) => bytes)) {
          line.feed(byte);
          line.waited(pause % 40); // a slow line: less than the patience of every state
        }
        const text = parts.map((part) => part.text).join("");
        expect(line.text()).toBe(text === "" ? "(ERR_LETHE_PROMPT_EMPTY)" : text);
        expect(line.events.filter((event) => event !== "refused")).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it("leave nothing of one that began before the prompt", () => {
    fc.assert(
      fc.property(fc.oneof(...controlFunctions), fc.nat(100), (bytes, at) => {
        const line = new TypedLine();
        line.pass(...bytes.slice(0, at % bytes.length));
        line.feed(...bytes.slice(at % bytes.length), ...bytesOf("pw"));
        expect(line.text()).toBe("pw");
      }),
      { numRuns: RUNS },
    );
  });

  it("end at one that stops in its middle, or forget it, and take nothing of it", () => {
    fc.assert(
      fc.property(fc.oneof(...controlFunctions), fc.nat(100), (bytes, at) => {
        const line = new TypedLine();
        line.feed(0x61, ...bytes.slice(0, at % bytes.length));
        line.waited(1000);
        line.feed(0x62, 0x0d);
        const [end] = line.events.filter((event) => event !== "refused");
        const isHeld = bytes[0] === 0xc2 && at % bytes.length === 1;
        expect(["broken", "enter"]).toContain(end);
        if (end === "enter") expect(line.text()).toBe(isHeld ? "(ERR_LETHE_ENCODING)" : "ab");
      }),
      { numRuns: RUNS },
    );
  });

  it("end at a string without end, however long", () => {
    const line = typed("a\x1b]52;c;");
    const piece = new Uint8Array(4096).fill(0x41);
    for (let count = 0; count < 17; count++) line.feed(...piece);
    expect(line.events[0]).toBe("broken");
  });

  it("after an Escape by itself are not swallowed", () => {
    const line = typed("\x1b");
    line.waited(199);
    line.waited(1);
    line.feed(0x5b);
    expect(line.text()).toBe("[");
  });

  it("of raw 8-bit terminals make a line that is refused, not one that is cut", () => {
    const line = new TypedLine();
    line.feed(0x61, 0x9b, 0x41, 0x62);
    expect(line.text()).toBe("(ERR_LETHE_ENCODING)");
  });

  it("have a rule for every byte in every state", () => {
    const states = new Set<InputState>(["ground"]);
    for (const state of states) {
      for (let byte = 0; byte < 256; byte++) states.add(ruleFor(state, byte)[3]);
    }
    expect(states.size).toBe(16);
  });

  it("never fail, whatever comes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const line = new TypedLine();
        line.feed(...bytes);
        line.text();
      }),
      { numRuns: RUNS },
    );
  });
});
