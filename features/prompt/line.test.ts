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
  it("wipes what is erased, and a byte that is no text", () => {
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

  it("that was purged is no misuse", () => {
    const crashing = openSecrets({ memory: "heap", onMisuse: "crash" });
    const line = new Line(crashing, 8);
    crashing.purge();
    expect(() => line.open(() => undefined)).toThrow(/purged/);
    expect(() => line.finish()).toThrow(/purged/);
  });
});
