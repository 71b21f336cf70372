import { describe, expect, it } from "vitest";
import { thrown } from "../../testing/core/samples.ts";
import { argumentBytes, fromPaddedBase64, toBytes, toPaddedBase64, toText } from "./base64.ts";
import type { View } from "./bytes.ts";
import {
  checkVersion,
  coveredBytes,
  formatHeader,
  MOST_HEADER_BYTES,
  parseHeader,
} from "./header.ts";
import { HeaderBuffer } from "./header_buffer.ts";
import { argumentsOf, beginsStanza, formatStanza, LineReader, readStanza } from "./stanza.ts";

const FIRST = "age-encryption.org/v1\n";
const MAC = Uint8Array.from({ length: 32 }, (_, at) => at * 3);
const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString("base64").replace(/=+$/, "");
/** Text as bytes that do not begin where their buffer begins, nor end where it ends. */
function view(text: string): View {
  const whole = new Uint8Array(text.length + 8).fill(0x7e);
  whole.set(toBytes(text), 3);
  return whole.subarray(3, 3 + text.length);
}
const says = (run: () => unknown): string => {
  const { code, message } = thrown(run);
  expect(code).toBe("ERR_LETHE_ENVELOPE_FORMAT");
  return message;
};
const body = (length: number): View => Uint8Array.from({ length }, (_, at) => at + length);

describe("a stanza", () => {
  const read = (text: string) => {
    const lines = new LineReader(view(text));
    const stanza = readStanza(lines.next(), lines);
    return { ...stanza, body: [...stanza.body], at: lines.at };
  };

  it("has a body in full lines, and one that is not full at its end", () => {
    for (let length = 0; length < 150; length++) {
      const stanza = { args: ["type", "x"], body: body(length) } as const;
      const text = toText(formatStanza(stanza));
      const expected = base64(body(length)).replace(/.{64}/g, "$&\n");
      expect(text).toBe(`-> type x\n${expected}\n`);
      expect(read(`${text}more`)).toEqual({
        ...{ args: ["type", "x"], body: [...body(length)], at: text.length },
      });
    }
    const full = "A".repeat(64);
    for (const text of [`-> t\n${full}A\n`, `-> t\n${full}\n${full}A\n\n`]) {
      expect(says(() => read(text))).toContain("a line of a stanza is too long");
    }
    for (const text of ["-> t\nAB\n", "-> t\nAA=\n", "-> t\nA\n", `-> t\n${full}\nA*\n`]) {
      expect(says(() => read(text))).toContain("not canonical base64");
    }
    for (const text of ["-> t", "-> t\n", "-> t\nAA", `-> t\n${full}\n`]) {
      expect(says(() => read(text))).toContain("its header does not end");
    }
  });

  it("has arguments of visible characters, with single spaces between", () => {
    const args = (text: string) => argumentsOf(view(`-> ${text}`));
    expect([args("a"), args("!~ b"), args("a bc d")]).toEqual([
      ["a"],
      ["!~", "b"],
      ["a", "bc", "d"],
    ]);
    expect(Object.isFrozen(args("a"))).toBe(true);
    expect(says(() => args(""))).toContain("a stanza has no type");
    const wrong = [" ", " a", "a ", "a  b", "a\tb", "a\x1fb", "a\x7f", "\x80", "a\r"];
    for (const text of wrong) {
      expect(says(() => args(text))).toContain("an argument of a stanza is malformed");
    }
    const lines = ["-> ", "-> a", "->a", "-- a", "> a", "->", ""].map((text) =>
      beginsStanza(view(text)),
    );
    expect(lines).toEqual([true, true, false, false, false, false, false]);
  });
});

describe("a header", () => {
  const whole = (stanzas: string, end = `--- ${base64(MAC)}\n`): View =>
    view(FIRST + stanzas + end);

  it("is read as it is written, and says where the payload begins", () => {
    const stanzas = [
      { args: ["a"] as const, body: body(48) },
      { args: ["b", "c"] as const, body: body(0) },
    ];
    const covered = coveredBytes(stanzas);
    const header = formatHeader(covered, MAC);
    expect(toText(header)).toBe(
      `${FIRST}-> a\n${base64(body(48))}\n\n-> b c\n\n--- ${base64(MAC)}\n`,
    );
    const parsed = parseHeader(view(`${toText(header)}payload`));
    expect(parsed.stanzas.map(({ args, body }) => [args, [...body]])).toEqual([
      [["a"], [...body(48)]],
      [["b", "c"], []],
    ]);
    expect(toText(parsed.covered)).toBe(toText(covered));
    expect(toText(parsed.covered).endsWith("\n---")).toBe(true);
    expect([[...parsed.mac], parsed.byteLength]).toEqual([[...MAC], header.length]);
  });

  it("begins as version 1 does, and says what else it is", () => {
    expect(() => checkVersion(view(FIRST))).not.toThrow();
    for (const text of ["", "age", "age-encryption.org", `x${FIRST}`, "age-encryption_org/v1\n"]) {
      expect(says(() => checkVersion(view(text)))).toMatch(
        /not begin as an age file.*correct the path/,
      );
    }
    for (const text of ["age-encryption.org/", "age-encryption.org/v2\n", FIRST.slice(0, -1)]) {
      expect(says(() => parseHeader(view(text)))).toMatch(
        /an age file of another version, or its first line was changed; open it with the program/,
      );
    }
  });

  it("has a stanza, and a MAC of 32 bytes behind three dashes and a space", () => {
    expect(parseHeader(whole("-> a\n\n")).stanzas).toHaveLength(1);
    expect(says(() => parseHeader(whole("")))).toContain("its header has no stanza");
    for (const end of [
      "---\n",
      "--- \n",
      `---${base64(MAC)}\n`,
      `---\t${base64(MAC)}\n`,
      `-- ${base64(MAC)}\n`,
      `--- ${base64(MAC.slice(1))}\n`,
      `--- ${base64(body(33))}\n`,
      `--- ${base64(MAC)}=\n`,
      `--- ${base64(MAC)} \n`,
      "\n",
    ]) {
      expect(says(() => parseHeader(whole("-> a\n\n", end)))).toContain("ends without a MAC");
    }
    expect(says(() => parseHeader(whole("-> a\n\n", `--- ${base64(MAC)}`)))).toContain("not end");
  });

  it("is refused with a code wherever it is cut, also where a line feed ends it there", () => {
    const text = `${FIRST}-> a\n\n--- ${base64(MAC)}\n`;
    for (let length = 0; length < text.length; length++) {
      for (const end of ["", "\n", "-\n"]) {
        const cut = text.slice(0, length) + end;
        // Exactly as long: what is read behind its end is not there.
        if (cut !== text) says(() => parseHeader(Uint8Array.from(toBytes(cut))));
      }
    }
  });

  it("has at most a mebibyte", () => {
    expect(MOST_HEADER_BYTES).toBe(1_048_576);
    const end = `--- ${base64(MAC)}\n`;
    const room = MOST_HEADER_BYTES - FIRST.length - end.length - "-> \n\n".length;
    expect(parseHeader(whole(`-> ${"a".repeat(room)}\n\n`)).byteLength).toBe(MOST_HEADER_BYTES);
    expect(says(() => parseHeader(whole(`-> ${"a".repeat(room + 1)}\n\n`)))).toContain("not end");
  });
});

describe("a header that comes in pieces", () => {
  const HEADER = `${FIRST}-> a\n\n-> b\nAA\n--- ${base64(MAC)}\n`;
  /** What is taken of each piece, and whether the header is whole then. */
  const push = (buffer: HeaderBuffer, ...pieces: readonly string[]): unknown[] =>
    pieces.map((piece) => [buffer.push(view(piece)), buffer.whole]);

  it("is taken to its end and no further, however it is cut", () => {
    for (let cut = 1; cut < HEADER.length; cut++) {
      const buffer = new HeaderBuffer();
      const [one, other] = [HEADER.slice(0, cut), HEADER.slice(cut)];
      expect(push(buffer, one, `${other}payload\n`)).toEqual([
        [cut, false],
        [HEADER.length - cut, true],
      ]);
      expect(toText(buffer.bytes)).toBe(HEADER);
    }
    const single = new HeaderBuffer();
    expect(push(single, ...HEADER).at(-1)).toEqual([1, true]);
    const tricky = `${FIRST}\n--\n\n-\n---x\n`;
    const all = new HeaderBuffer();
    expect(push(all, `${tricky}rest`)).toEqual([[tricky.length, true]]);
  });

  it("is refused as soon as its first line is another one", () => {
    for (const [text, reason] of [
      [`x${HEADER}`, "does not begin as an age file"],
      ["age-encryption.org/v2\n", "another version"],
      ["-----BEGIN AGE ENCRYPTED FILE-----\n", "it is text (PEM)"],
      [" \r\n-----BEGIN AGE ENCRYPTED FILE-----\n", "it is text (PEM)"],
      ["-----BEGIN AGX ENCRYPTED FILE-----\n", "does not begin as an age file"],
      [" ".repeat(18) + "----".repeat(9), "does not begin as an age file"],
    ] as const) {
      expect(says(() => push(new HeaderBuffer(), text))).toContain(reason);
      const buffer = new HeaderBuffer();
      push(buffer, text.slice(0, FIRST.length - 1));
      expect(says(() => push(buffer, text.slice(FIRST.length - 1, FIRST.length)))).toContain(
        reason,
      );
    }
  });

  it("is whole again where it came a byte at a time", () => {
    const buffer = new HeaderBuffer();
    const text = `${FIRST}${"a".repeat(200_000)}`;
    for (const character of text) push(buffer, character);
    expect(buffer.bytes).toHaveLength(text.length);
  });

  it("is refused where it is too long", () => {
    const buffer = new HeaderBuffer();
    push(buffer, FIRST, "a".repeat(MOST_HEADER_BYTES - FIRST.length));
    expect(says(() => push(buffer, "a"))).toContain("its header is too long or does not end");
  });
});

it("base64 is what it is for, with and without padding", () => {
  expect([toPaddedBase64(body(1)), toPaddedBase64(body(3))]).toEqual(["AQ==", "AwQF"]);
  expect([...(fromPaddedBase64("AQ==") ?? [])]).toEqual([1]);
  for (const wrong of [5, null, "", "AQ", "AR==", "A\u00e9==", "A\x1f==", "A Q="]) {
    expect(fromPaddedBase64(wrong)).toBe(null);
  }
  expect([...(argumentBytes("AwQF", 3) ?? [])]).toEqual([3, 4, 5]);
  for (const [argument, length] of [
    [undefined, 3],
    ["AwQF", 2],
    ["AwQ=", 2],
    ["", 3],
  ] as const) {
    expect(argumentBytes(argument, length)).toBe(null);
  }
  for (const length of [0, 1, 4095, 4096, 4097, 9000]) {
    const text = "ab".repeat(length).slice(0, length);
    expect(toText(toBytes(text))).toBe(text);
  }
});

describe("a header that comes in pieces", () => {
  it.each([
    ["-> a\n--- mac\n", true],
    ["->---\n", false],
    ["->---\n--- mac\n", true],
    ["-\n--- mac\n", true],
    ["-\n\n--- mac\n", true],
    ["--\n---\n", true],
    ["-> a\n--- mac", false],
    ["-> a --- b\n", false],
  ])("ends with the line that begins with three dashes: %j", (rest, whole) => {
    const bytes = view(FIRST + rest);
    for (const size of [1, 2, 3, bytes.length]) {
      const header = new HeaderBuffer();
      let taken = 0;
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.slice(at, at + size);
        taken += header.push(piece);
      }
      expect(header.whole).toBe(whole);
      expect(taken).toBe(bytes.length);
      expect(header.bytes).toEqual(bytes);
    }
  });

  it("and not with its first bytes", () => {
    const header = new HeaderBuffer();
    expect(header.push(view("--- mac\n"))).toBe(8);
    expect(header.whole).toBe(false);
  });

  it("and takes nothing behind it", () => {
    const header = new HeaderBuffer();
    expect(header.push(view(`${FIRST}--- mac\npayload`))).toBe(30);
    expect(header.whole).toBe(true);
  });
});

it("a line may be empty, the first as well", () => {
  const lines = new LineReader(view("\n\na"));
  expect([lines.next().length, lines.next().length, lines.at]).toEqual([0, 0, 2]);
  expect(() => lines.next()).toThrow(/does not end/);
});
