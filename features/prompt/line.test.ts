import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { Line } from "./line.ts";

const secrets = openSecrets({ memory: "heap" });
afterEach(() => secrets.purge());

/** A line after these letters were read and taken one by one. */
function typed(text: string, maxBytes: number = 16): Line {
  const line = new Line(secrets, maxBytes);
  line.open((bytes) => {
    for (const byte of new TextEncoder().encode(text)) {
      bytes[line.end] = byte;
      line.take(bytes);
    }
  });
  return line;
}

function textOf(line: Line): string {
  const secret = line.finish();
  return secret.expose((bytes) => new TextDecoder().decode(bytes.slice()));
}

describe("a line", () => {
  it("wipes what is erased, and a byte that is not text", () => {
    const line = typed("one two");
    line.open((bytes) => {
      line.eraseWord(bytes);
      expect([...bytes.subarray(line.end)].every((byte) => byte === 0)).toBe(true);
      bytes[line.end] = 0x1b;
      line.drop(bytes);
      expect(bytes[line.end]).toBe(0);
      line.erase(bytes);
      expect([...bytes.subarray(line.end)].every((byte) => byte === 0)).toBe(true);
    });
    expect(textOf(line)).toBe("one");
  });

  it("takes exactly as much as fits, and stays too long until all is erased", () => {
    expect(textOf(typed("12345678", 8))).toBe("12345678");
    const line = typed("123456789", 8);
    line.open((bytes) => line.erase(bytes));
    expect(() => line.finish()).toThrow(/longer than 8 bytes/);
    const again = typed("123456789", 8);
    again.open((bytes) => again.eraseAll(bytes));
    expect(() => again.finish()).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_PROMPT_EMPTY" }),
    );
  });

  it("leaves no secret behind, whatever becomes of it", () => {
    textOf(typed("text"));
    expect(secrets.stats.live).toBe(1);
    expect(() => typed("\x01").finish()).toThrow();
    expect(() => typed("").finish()).toThrow();
    expect(secrets.stats.live).toBe(1);
  });

  it("that was purged is not misuse", () => {
    const crashing = openSecrets({ memory: "heap", onMisuse: "crash" });
    const line = new Line(crashing, 8);
    crashing.purge();
    expect(() => line.open(() => undefined)).toThrow(/purged/);
    expect(() => line.finish()).toThrow(/purged/);
  });

  it("takes what a sequence of bytes stood for as UTF-8", () => {
    for (const text of [
      "\x01",
      "\x7f",
      "\x80",
      "é",
      "\u07ff",
      "\u0800",
      "€",
      "\uffff",
      "\u{10000}",
      "😀",
      "\u{10ffff}",
    ]) {
      const line = new Line(secrets, 8);
      line.open((bytes) => {
        line.insert(bytes, text.codePointAt(0) as number);
        expect([...bytes.subarray(0, line.end)]).toEqual([...new TextEncoder().encode(text)]);
        expect(bytes.subarray(line.end).every((byte) => byte === 0)).toBe(true);
        expect(line.characters(bytes)).toBe(1);
      });
    }
  });

  it("holds a byte until the next one tells what it is, and wipes what is not text", () => {
    const line = typed("a");
    line.open((bytes) => {
      bytes[line.end] = 0xc2;
      line.hold(bytes);
      expect([line.end, line.isEmpty]).toEqual([2, false]);
      bytes[line.end] = 0x9b;
      line.retract(bytes);
      expect([line.end, ...bytes.subarray(0, 4)]).toEqual([1, 0x61, 0, 0, 0]);
      bytes[line.end] = 0xc2;
      line.hold(bytes);
      bytes[line.end] = 0xa9;
      line.take(bytes);
      expect([line.end, ...bytes.subarray(0, 4)]).toEqual([3, 0x61, 0xc2, 0xa9, 0]);
      bytes[line.end] = 0xc2;
      line.hold(bytes);
      bytes[line.end] = 0x1b;
      line.drop(bytes);
      expect([line.end, ...bytes.subarray(2, 6)]).toEqual([4, 0xa9, 0xc2, 0, 0]);
    });
    const held = new Line(secrets, 4);
    held.open((bytes) => {
      bytes[0] = 0xc2;
      held.hold(bytes);
      expect([held.isEmpty, held.eraseAll(bytes), held.isEmpty, held.end]).toEqual([
        false,
        true,
        true,
        0,
      ]);
    });
  });

  it("says what was erased, and erases words with the spaces behind them", () => {
    const line = typed("ab\t cd é \t");
    line.open((bytes) => {
      const left = (): string => new TextDecoder().decode(bytes.slice(0, line.end));
      expect([line.characters(bytes), line.eraseWord(bytes), left()]).toEqual([
        10,
        true,
        "ab\t cd ",
      ]);
      expect([line.eraseWord(bytes), left()]).toEqual([true, "ab\t "]);
      expect([line.erase(bytes), left()]).toEqual([true, "ab\t"]);
      expect([line.eraseWord(bytes), left()]).toEqual([true, ""]);
      expect([line.eraseWord(bytes), line.erase(bytes), line.eraseAll(bytes)]).toEqual([
        false,
        false,
        false,
      ]);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
    });
    const long = typed("12345", 4);
    long.open((bytes) => {
      expect([long.isEmpty, long.erase(bytes), long.isEmpty]).toEqual([false, true, false]);
      for (let count = 0; count < 3; count++) long.erase(bytes);
      expect([long.end, long.isEmpty, long.eraseAll(bytes), long.isEmpty]).toEqual([
        0,
        false,
        true,
        true,
      ]);
    });
  });

  it("takes back a carriage return at its end, unless it is too long", () => {
    const left = (text: string, maxBytes: number = 8): number => {
      const line = typed(text, maxBytes);
      line.open((bytes) => line.dropReturn(bytes));
      return line.end;
    };
    expect([left("ab\r"), left("ab\r\r"), left("ab"), left(""), left("a\rb")]).toEqual([
      2, 3, 2, 0, 3,
    ]);
    expect(left("ab\rd", 3)).toBe(3);
  });

  it("gives as many bytes as are asked for, and says why not", () => {
    expect(() => typed("abc").finish(2)).toThrow(
      "Cannot prompt for secret: the line is longer than 2 bytes; raise maxBytes if that is meant",
    );
    expect(typed("abc").finish(3).byteLength).toBe(3);
    expect(() => typed("e\u0301").finish(8, true)).toThrow(
      /^Cannot prompt for secret: the line has a/,
    );
    expect(typed("e\u0301").finish(8).byteLength).toBe(3);
    const codes = ["123456789", "", "a\u0001"].map((text) => {
      try {
        return typed(text, 8).finish();
      } catch (error) {
        return (error as { readonly code?: string }).code;
      }
    });
    expect(codes).toEqual([
      "ERR_LETHE_PROMPT_TOO_LONG",
      "ERR_LETHE_PROMPT_EMPTY",
      "ERR_LETHE_ENCODING",
    ]);
    const purged = new Line(secrets, 8);
    secrets.purge();
    expect(() => purged.open(() => undefined)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_PROMPT_CANCELLED" }),
    );
  });
});
