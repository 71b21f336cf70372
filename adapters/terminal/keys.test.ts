import { describe, expect, test } from "vitest";
import { type Key, KeyReader } from "./keys.ts";

function keysOf(...bytes: readonly number[]): readonly Key[] {
  const reader = new KeyReader();
  return bytes.map((byte) => reader.feed(byte)).filter((key) => key !== "more");
}

const CONTROL_KEYS: readonly Key[] = [
  ...(["interrupt", "end", "erase", "erase", "erase-line", "erase-word"] as const),
  ...(["suspend", "enter", "enter"] as const),
];

const codes = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0));

describe("keys", () => {
  test.each([
    ["an arrow", "\x1b[A", ["unknown"]],
    ["an arrow with Ctrl", "\x1b[1;5C", ["unknown"]],
    ["F1", "\x1bOP", ["unknown"]],
    ["Delete", "\x1b[3~", ["unknown"]],
    ["Alt and a letter", "\x1ba", ["unknown"]],
    ["Alt and Backspace", "\x1b\x7f", ["erase-word"]],
    ["a bracketed paste", "\x1b[200~ab\x1b[201~", ["text", "text"]],
    ["an escape inside a sequence", "\x1b[1\x1b[200~a", ["text"]],
    ["control keys", "\x03\x04\x08\x7f\x15\x17\x1a\r\n", CONTROL_KEYS],
    ["other control characters", "\0\x01\x0e\x1f", ["unknown", "unknown", "unknown", "unknown"]],
    ["a tab", "\t", ["text"]],
  ] as const)("of %s", (_, typed, keys) => {
    expect(keysOf(...codes(typed))).toEqual(keys);
  });

  test("take every byte of UTF-8 for text", () => {
    const bytes = Array.from({ length: 128 }, (_, index) => 128 + index);
    expect(new Set(keysOf(...bytes))).toEqual(new Set(["text"]));
  });

  test("after an Escape by itself are not swallowed", () => {
    const reader = new KeyReader();
    reader.feed(0x1b);
    expect(reader.pending).toBe(true);
    reader.reset();
    expect([reader.pending, reader.feed(0x5b)]).toEqual([false, "text"]);
  });
});
