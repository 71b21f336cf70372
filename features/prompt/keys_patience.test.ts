import { describe, expect, it } from "vitest";
import { KeyReader } from "./keys.ts";

/** A reader that was fed these bytes, given as Latin-1, and what the last of them meant. */
function fed(text: string): { readonly reader: KeyReader; readonly last: string } {
  const reader = new KeyReader();
  let last = "";
  for (const letter of text) last = reader.feed(letter.charCodeAt(0));
  return { reader, last };
}

describe("what a terminal has begun", () => {
  it.each([
    ["an Escape", "\x1b", 200, "more"],
    ["Alt and a punctuation mark", "\x1b(", 40, "more"],
    ["SS2", "\x1bN", 1000, "broken"],
    ["SS3", "\x1bO", 1000, "broken"],
    ["CSI", "\x1b[", 1000, "broken"],
    ["parameters", "\x1b[1", 1000, "broken"],
    ["what follows parameters", "\x1b[1 ", 1000, "broken"],
    ["a key of the Linux console", "\x1b[[", 1000, "broken"],
    ["a mouse report", "\x1b[M", 1000, "broken"],
    ["half a character of one", "\x1b[M\xc2", 1000, "broken"],
    ["a string", "\x1b]", 1000, "broken"],
    ["half a character of one", "\x1b]\xc2", 1000, "broken"],
    ["an Escape in a string", "\x1b]\x1b", 1000, "broken"],
  ])("is waited for: %s", (_, begun, patience, end) => {
    const { reader } = fed(begun);
    expect(reader.waited(patience - 1)).toBe("more");
    expect(reader.waited(1)).toBe(end);
    expect(reader.feed(0x61)).toBe("text"); // it is over
    const other = fed(begun).reader;
    other.waited(patience - 1);
    other.feed(0x00); // whatever it is, it came
    expect(other.waited(patience - 1)).toBe("more");
  });

  it.each([
    ["nothing", "a"],
    ["half a character", "\xc2"],
    ["the rest of a key with Alt", "\x1b\xc3"],
  ])("is waited for without end: %s", (_, begun) => {
    expect(fed(begun).reader.waited(1e9)).toBe("more");
  });

  it("ends at its most bytes, and counts anew behind it", () => {
    const { reader } = fed("\x1b]");
    for (let count = 2; count < 65_536; count++) {
      if (reader.feed(0x41) !== "more") throw new Error(`It ended at ${count}`);
    }
    expect([reader.feed(0x41), reader.feed(0x41)]).toEqual(["broken", "text"]);
    for (let count = 0; count < 65_537; count++) reader.feed(0x41);
    expect(reader.feed(0x41)).toBe("text");
  });

  it("is over after a reset", () => {
    const { reader } = fed("\x1b[97;5");
    reader.waited(999);
    reader.reset();
    expect(reader.feed(0x75)).toBe("text");
    expect(fed("\x1b[97;5u").last).toBe("unknown");
    for (const letter of "\x1b[98u") reader.feed(letter.charCodeAt(0));
    const points: number[] = [];
    reader.points((point) => points.push(point));
    reader.points((point) => points.push(point));
    expect(points).toEqual([98]);
  });
});

describe("the reports of a terminal", () => {
  it.each([
    ["M", 3],
    ["t", 2],
    ["T", 6],
  ])("CSI %s has %i characters, each of one byte or two", (final, count) => {
    for (const character of [" ", "\xc2\xa1", "\x7f", "\xe1"]) {
      const { reader, last } = fed(`\x1b[${final}${character.repeat(count)}`);
      expect([last, reader.feed(0x61)]).toEqual(["more", "text"]);
      const short = fed(`\x1b[${final}${character.repeat(count - 1)}`).reader;
      expect([short.feed(0x61), short.feed(0x61)]).toEqual(["more", "text"]);
    }
  });

  it("take no Enter and keep no Ctrl-C", () => {
    expect(
      ["\x1b[M\r", "\x1b[M\x03", "\x1b[M\x01", "\x1b[1\n"].map((text) => fed(text).last),
    ).toEqual(["broken", "interrupt", "more", "broken"]);
  });
});

it("a key with Alt, a function key and a control that is not text do nothing, or erase a word", () => {
  const ends = ["\x1b\x7f", "\x1b\b", "\x1ba", "\x1b\t", "\x1b[[A", "\xc2\x84", "\xc2\x9b", "\xc2"];
  expect(ends.map((text) => fed(text).last)).toEqual([
    "erase-word",
    "erase-word",
    "unknown",
    "unknown",
    "unknown",
    "retract-unknown",
    "retract",
    "hold",
  ]);
});
