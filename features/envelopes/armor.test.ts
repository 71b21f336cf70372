import { expect, it } from "vitest";
import { armor, beginsArmor, isArmored, unarmor } from "./armor.ts";
import { copyOf } from "./bytes.ts";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const FULL = "A".repeat(64);
const text = (value: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(value));
const block = (...lines: readonly string[]): string => [BEGIN, ...lines, END, ""].join("\n");

it("armor is read strictly, with white space around it and either end of a line", () => {
  for (const [good, length] of [
    [block("AAAA"), 3],
    [block("AA=="), 1],
    [block(FULL), 48],
    [block(FULL, FULL), 96],
    [block(FULL, "AAA="), 50],
    [` \t\r\n${block("AAAA")}\n \t\r\n`, 3],
    [block(FULL, "AAAA").replaceAll("\n", "\r\n"), 51],
    [block("AAAA").trimEnd(), 3],
  ] as const) {
    expect(isArmored(text(good)), good).toBe(true);
    expect(unarmor(text(good)).length, good).toBe(length);
  }
  for (const bad of [
    "",
    BEGIN,
    `${BEGIN}\n${END}`,
    block(""),
    block("", "AAAA"),
    block("AAAA", ""),
    block(FULL, ""),
    block("AAAA", "AAAA"),
    block(FULL, "AAAA", FULL),
    block(`${FULL}AAAA`),
    block(FULL, `${FULL}AAAA`),
    block(`${FULL}AAAA`, "AAAA"),
    block("AAA"),
    block("AAA=A"),
    block("AB=="),
    block("AAB="),
    block("===="),
    block("A A="),
    block("AA-_"),
    block(" AAAA"),
    block("AAAA "),
    `x${block("AAAA")}`,
    `${block("AAAA")}x`,
    `${block("AAAA")}${block("AAAA")}`,
    block("AAAA").replace(BEGIN, `${BEGIN}-`),
    block("AAAA").replace(BEGIN, `${BEGIN} `),
    block("AAAA").replace(END, `${END}-`),
    block("AAAA").replace(END, "-----END AGE-----"),
    block("AAAA").replace(END, BEGIN),
    `${BEGIN}\nAAAA\n`,
    " \n",
    `${block("AAAA").slice(0, -1)}\r\rx`,
    block("AAAA\r\r"),
    `${BEGIN}\r\n\r\n${END}`,
  ]) {
    expect(() => unarmor(text(bad)), JSON.stringify(bad)).toThrow(/incomplete or malformed/);
  }
});

it("armor is written as it is read, at every length about full lines", () => {
  for (let length = 1; length < 150; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => at + length);
    expect(unarmor(armor(copyOf(bytes)))).toEqual(bytes);
  }
});

it("armor has full lines, and a line feed after each, the last as well", () => {
  expect(Buffer.from(armor(text("a"))).toString()).toBe(`${BEGIN}\nYQ==\n${END}\n`);
  const zeros = (byteLength: number): string =>
    Buffer.from(armor(new Uint8Array(byteLength))).toString();
  expect(zeros(48)).toBe(`${BEGIN}\n${FULL}\n${END}\n`);
  expect(zeros(51)).toBe(`${BEGIN}\n${FULL}\nAAAA\n${END}\n`);
});

it("the first piece of a stream may be armor when it is a part of its beginning", () => {
  for (const [piece, may] of [
    [BEGIN, true],
    [`\r\n ${BEGIN}\nAAAA`, true],
    [BEGIN.slice(0, 5), true],
    [BEGIN.slice(0, 4), false],
    ["-----BEGIN RSA", false],
    ["age-encryption.org/v1", false],
    ["", false],
    [" \n", false],
  ] as const) {
    expect(beginsArmor(text(piece)), piece).toBe(may);
  }
});
