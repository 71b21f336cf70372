import { describe, expect, it } from "vitest";
import { Interrupted, Line } from "./read_needle.ts";

function typed(text: string): string {
  const line = new Line();
  line.feed(Buffer.from(text), true);
  return Buffer.from(line.take()).toString();
}

describe("Line", () => {
  it("ends at enter and takes nothing behind it", () => {
    const line = new Line();
    expect(line.feed(Buffer.from("first\nsecond"), false)).toBe(true);
    expect(Buffer.from(line.take()).toString()).toBe("first");
  });

  it.each([
    ["abc\x7f\x7fx", "ax"],
    ["aé\x7fb", "ab"],
    ["a😀\x7fb", "ab"],
    ["\x7f\x7fa", "a"],
    ["abc\x15de", "de"],
  ])("edits %j to %j", (keys, result) => {
    expect(typed(keys)).toBe(result);
  });

  it("takes control bytes of a pipe as they are", () => {
    const line = new Line();
    line.feed(Buffer.from("a\x7f\x03b"), false);
    expect(Buffer.from(line.take()).toString()).toBe("a\x7f\x03b");
  });

  it("ends by Ctrl-C", () => {
    expect(() => typed("abc\x03")).toThrow(Interrupted);
  });

  it("refuses nothing and too much", () => {
    expect(() => typed("")).toThrow(RangeError);
    expect(() => typed("a".repeat(32_769))).toThrow(RangeError);
  });
});
