import { expect, it } from "vitest";
import { armor, beginsArmor, isArmored, unarmor } from "./armor.ts";
import { ArmorReader } from "./armor_reader.ts";
import { armored, unarmored } from "./armor_stream.ts";
import { copyOf, joinAll, type View } from "./bytes.ts";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const FULL = "A".repeat(64);
const text = (value: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(value));
const block = (...lines: readonly string[]): string => [BEGIN, ...lines, END, ""].join("\n");

/** By streams, in pieces of this length. */
async function inPieces(
  through: typeof armored,
  bytes: View,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: View[] = [];
  async function* source(): AsyncGenerator<View> {
    for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
  }
  for await (const piece of through(source())) pieces.push(piece);
  return joinAll(pieces);
}

const LENGTHS = [1, 2, 35, 64, 65, 1000];

it("armor is read strictly, with white space around it and either end of a line", async () => {
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
    for (const size of LENGTHS) {
      expect(await inPieces(unarmored, text(good), size), good).toEqual(unarmor(text(good)));
    }
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
    for (const size of LENGTHS) {
      const read = inPieces(unarmored, text(bad), size);
      await expect(read, JSON.stringify(bad)).rejects.toThrow(/incomplete or malformed/);
    }
  }
});

it("a stream of armor keeps no more than a line of it, and refuses what is longer", async () => {
  for (const start of ["x".repeat(60), `${BEGIN}\n${"A".repeat(90)}`]) {
    let taken = 0;
    async function* endless(): AsyncGenerator<View> {
      for (let piece = text(start); ; piece = text("A")) {
        if (taken++ > 100) return;
        yield piece;
      }
    }
    await expect(unarmored(endless()).next()).rejects.toThrow(/incomplete or malformed/);
    expect(taken).toBeLessThan(5);
  }
});

it("armor is written as it is read, at every length about full lines", async () => {
  for (let length = 1; length < 150; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => at + length);
    expect(unarmor(armor(copyOf(bytes)))).toEqual(bytes);
    for (const size of [7, 48, 100]) {
      expect(await inPieces(armored, copyOf(bytes), size)).toEqual(armor(copyOf(bytes)));
    }
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

it("nothing follows a padded line, also where it is full and came in a piece of its own", async () => {
  for (const padding of ["=", "=="]) {
    const padded = `${"A".repeat(64 - padding.length)}${padding}`;
    expect(unarmor(text(block(FULL, padded)))).toHaveLength(96 - padding.length);
    for (const length of [1, 65, 200]) {
      await expect(inPieces(unarmored, text(block(padded, "AAAA")), length)).rejects.toThrow(
        /incomplete or malformed/,
      );
    }
  }
});

it("a line that does not end is refused once it is longer than one can be", () => {
  const first = new ArmorReader();
  expect(first.push(text(`${BEGIN}\r`))).toHaveLength(0);
  expect(() => first.push(text("\r"))).toThrow(/incomplete or malformed/);
  const second = new ArmorReader();
  expect(second.push(text(`${BEGIN}\n${FULL}\r`))).toHaveLength(0);
  expect(() => second.push(text("\r"))).toThrow(/incomplete or malformed/);
});
