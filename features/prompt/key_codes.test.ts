import { describe, expect, it } from "vitest";
import { controlKey, keypadKey, Parameters, sequenceKey } from "./key_codes.ts";

/** What a control sequence does, and the text that it leaves: `97;5u` behind CSI. */
function sequence(text: string): string {
  const parameters = new Parameters();
  for (const letter of text.slice(0, -1)) parameters.take(letter.charCodeAt(0));
  const key = sequenceKey(text.charCodeAt(text.length - 1), parameters);
  return key === "insert" ? `insert ${given(parameters)}` : key;
}

function given(parameters: Parameters): string {
  const points: number[] = [];
  parameters.text((point) => points.push(point));
  return String.fromCodePoint(...points);
}

const all = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

describe("control characters", () => {
  it("do what they do in a terminal, and most nothing", () => {
    const known = all(0, 255).filter((byte) => controlKey(byte) !== "unknown");
    expect(known.map((byte) => `${byte} ${controlKey(byte)}`)).toEqual([
      "3 interrupt",
      "4 end",
      "8 erase",
      "9 text",
      "10 enter",
      "12 redraw",
      "13 enter",
      "18 redraw",
      "21 erase-line",
      "23 erase-word",
      "26 suspend",
      "28 interrupt",
      "127 erase",
    ]);
  });
});

describe("the keypad behind SS3", () => {
  it("gives Enter, digits and signs", () => {
    const keys = all(0x20, 0x7e).map((final) => {
      const parameters = new Parameters();
      const key = keypadKey(final, parameters);
      return key === "insert" ? given(parameters) : key;
    });
    const at = keys.findIndex((key) => key !== "unknown");
    expect([at + 0x20, keys[at]]).toEqual([0x4d, "enter"]);
    expect(keys.slice(0x6a - 0x20, 0x7a - 0x20).join("")).toBe("*+,-./0123456789");
    const others = keys.filter((key) => key !== "unknown");
    expect(others.length).toBe(17);
  });
});

describe("a control sequence", () => {
  it("without parameters is silent where it is not a key", () => {
    const silent = all(0x40, 0x7e).filter(
      (final) => sequence(String.fromCharCode(final)) === "more",
    );
    expect(String.fromCharCode(...silent)).toBe("IMOcntxy");
    expect([sequence("A"), sequence("u"), sequence("~"), sequence("1;5A")]).toEqual([
      "unknown",
      "unknown",
      "unknown",
      "unknown",
    ]);
  });

  it("of a key that is let go, of the ends of a paste and of a modifier alone means nothing", () => {
    for (const text of ["97;1:3u", "1;1:3A", "127;1:3u", "200~", "201~"]) {
      expect(sequence(text)).toBe("more");
    }
    expect([sequence("97;1:2u"), sequence("97;1:1u"), sequence("97;3:1;98u")]).toEqual([
      "insert a",
      "insert a",
      "unknown",
    ]);
    for (const text of ["199~", "202~"]) {
      expect(sequence(text)).toBe("unknown");
    }
    expect(sequence("200u")).toBe("insert È");
    const codes = all(57350, 57460).filter((code) => sequence(`${code}u`) === "more");
    expect(codes).toEqual([...all(57358, 57360), ...all(57441, 57454)]);
  });

  it("gives what the keypad of kitty does", () => {
    const keys = all(57397, 57419).map((code) => sequence(`${code}u`));
    expect(keys).toEqual([
      "unknown",
      "unknown",
      ...[..."0123456789./*-+"].map((character) => `insert ${character}`),
      "enter",
      "insert =",
      "insert ,",
      "unknown",
      "unknown",
      "unknown",
    ]);
  });

  it("edits, and with a modifier that counts it erases a word", () => {
    for (const modifiers of ["", ";1", ";2", ";65", ";129", ";194"]) {
      expect([`13${modifiers}u`, `127${modifiers}u`, `8${modifiers}u`].map(sequence)).toEqual([
        "enter",
        "erase",
        "erase",
      ]);
    }
    for (const modifiers of [";3", ";5", ";9", ";69"]) {
      expect([`13${modifiers}u`, `127${modifiers}u`, `8${modifiers}u`].map(sequence)).toEqual([
        "enter",
        "erase-word",
        "erase-word",
      ]);
    }
    expect([sequence("27;1;127~"), sequence("27;5;127~"), sequence("27;2;13~")]).toEqual([
      "erase",
      "erase-word",
      "enter",
    ]);
  });

  it("with Ctrl is the control character of its letter, by the place of the key where it is not Latin", () => {
    for (const modifiers of [5, 6, 7, 69]) {
      const keys = all(0x20, 0x7e).map((code) => sequence(`${code};${modifiers}u`));
      expect(keys).toEqual(
        all(0x20, 0x7e).map((code) => {
          const key = controlKey(code & 0x1f);
          return code < 0x41 || key === "text" ? "unknown" : key;
        }),
      );
    }
    expect([sequence("1089::99;5u"), sequence("128::99;5u"), sequence("127::99;5u")]).toEqual([
      "interrupt",
      "interrupt",
      "erase-word",
    ]);
    expect([sequence("1089;5u"), sequence("1089::64;5u"), sequence("1089::65;5u")]).toEqual([
      "unknown",
      "unknown",
      "unknown",
    ]);
    for (const modifiers of [3, 9, 13, 17]) expect(sequence(`99;${modifiers}u`)).toBe("unknown");
    expect([sequence("27;5;99~"), sequence("27;3;99~"), sequence("27;5;105~")]).toEqual([
      "interrupt",
      "unknown",
      "unknown",
    ]);
  });

  it("gives a letter under Shift and Caps Lock, and what only the layout knows if it says so", () => {
    const cases: Readonly<Record<string, string>> = {
      "97u": "insert a",
      "122u": "insert z",
      "97;2u": "insert A",
      "122;2u": "insert Z",
      "97;65u": "insert A",
      "97;66u": "insert a",
      "96u": "insert `",
      "123u": "insert {",
      "96;2u": "unknown",
      "96:126;2u": "insert ~",
      "123:125;2u": "insert }",
      "123;65u": "insert {",
      "96;65u": "insert `",
      "65;2u": "insert A",
      "90;2u": "insert Z",
      "64;2u": "unknown",
      "91;2u": "unknown",
      "32;2u": "insert  ",
      "33;2u": "unknown",
      "49:33;2u": "insert !",
      "127;66u": "erase",
      "128;65u": "unknown",
      "228;65u": "unknown",
      "160u": "insert \u00a0",
      "228u": "insert ä",
      "228;129u": "insert ä",
      "228:196;2u": "insert Ä",
      "97;;98u": "insert b",
      "97;;98:99:100u": "insert bcd",
      "97;;98:7u": "insert a",
      "97;;7u": "insert a",
    };
    for (const [text, does] of Object.entries(cases))
      expect([text, sequence(text)]).toEqual([text, does]);
  });

  it("gives characters alone, and no controls, surrogates, or numbers that kitty gave to keys", () => {
    const points = [
      0, 1, 8, 9, 10, 0x1f, 0x20, 0x7e, 0x7f, 0x80, 0x9f, 0xa0, 0xd7ff, 0xd800, 0xdfff,
    ];
    points.push(0xe000, 0xf8ff, 0xf900, 0x10_ffff, 0x11_0000, 0x20_0000);
    const taken = points.filter((point) => sequence(`27;1;${point}~`).startsWith("insert"));
    expect(taken).toEqual([9, 0x20, 0x7e, 0xa0, 0xd7ff, 0xf900, 0x10_ffff]);
    expect(sequence("27;2;65~")).toBe("insert A");
  });
});

describe("the parameters of a control sequence", () => {
  const taken = (text: string): Parameters => {
    const parameters = new Parameters();
    for (const letter of text) parameters.take(letter.charCodeAt(0));
    return parameters;
  };

  it("are three fields of eight parts, and more are passed over", () => {
    const parameters = taken("12:34;5;1:2:3:4:5:6:7:8:9;7:7");
    expect([0, 1, 2].map((part) => parameters.at(0, part))).toEqual([12, 34, 0]);
    expect([parameters.at(1, 0), parameters.at(1, 1), parameters.at(2, 7)]).toEqual([5, 0, 8]);
    expect(parameters.at(3, 0)).toBe(0);
    expect(given(parameters)).toBe("\x01\x02\x03\x04\x05\x06\x07\x08");
    expect(taken(`${"1:".repeat(8)}9;4`).at(1, 0)).toBe(4);
  });

  it("are bounded, wiped when they are cleared, and replaced by what is given", () => {
    const parameters = taken("99999999999");
    expect(parameters.at(0, 0)).toBe(0x11_0000);
    expect(taken("1114111").at(0, 0)).toBe(0x10_ffff);
    parameters.take(";".charCodeAt(0));
    parameters.take(":".charCodeAt(0));
    parameters.clear();
    parameters.take("7".charCodeAt(0));
    expect([parameters.at(0, 0), parameters.at(1, 1)]).toEqual([7, 0]);
    parameters.give(65);
    expect([given(parameters), parameters.at(0, 0)]).toEqual(["A", 0]);
  });
});
