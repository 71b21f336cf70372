import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { atHand } from "../../testing/built.ts";
import { isCooked, MISSING, NOT_RUN, Pty } from "../../testing/features/prompt/pty.ts";
import { password } from "../../testing/features/prompt/typed.ts";
import { readLine } from "./read_needle.ts";

const secrets = openSecrets();
let folder = "";
let pty: Pty | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-scan-"));
});
afterEach(async () => {
  await pty?.close();
  secrets.purge();
  rmSync(folder, { recursive: true });
});

/** What is taken of these bytes; they are not secret. */
function taken(bytes: string | Uint8Array): string {
  const path = join(folder, "line");
  writeFileSync(path, bytes, { mode: 0o600 });
  const descriptor = openSync(path, "r");
  try {
    return readLine(secrets, descriptor).expose((line) => Buffer.from(line).toString("latin1"));
  } finally {
    closeSync(descriptor);
  }
}

describe("a needle from a file", () => {
  it.each([
    ["up to its end", "first\nsecond", "first"],
    ["up to the end of other systems", "first\r\nsecond", "first"],
    ["up to the end of the file", "no end", "no end"],
    ["control bytes included", "a\x7f\x03\x00b\n", "a\x7f\x03\x00b"],
    ["of 32,768 bytes", "a".repeat(32_768), "a".repeat(32_768)],
  ])("is its first line, %s", (_, bytes, line) => {
    expect(taken(bytes)).toBe(line);
    expect(secrets.stats.live).toBe(1);
  });

  it("is not a sealed key file, whose bytes no program has in memory", () => {
    for (const bytes of ["LETHEKEY\x01\x01\x01\x01\x03", "\xef\xbb\xbfLETHEKEY\n"]) {
      expect(() => taken(Buffer.from(bytes, "latin1"))).toThrow(/sealed key file/);
    }
    expect(secrets.stats.live).toBe(0);
  });

  it("is not what an editor wrote in front of it: it would find no copy", () => {
    expect(() => taken("\ufeffa secret\n")).toThrow(/byte order mark/);
    expect(taken("a \u200b\ufeff\u0085 secret\n")).toBe(
      Buffer.from("a \u200b\ufeff\u0085 secret").toString("latin1"),
    );
    expect(secrets.stats.live).toBe(1);
  });

  it("is refused when it is empty or too long", () => {
    for (const bytes of ["", "\n", "a".repeat(32_769)]) {
      expect(() => taken(bytes)).toThrow(RangeError);
    }
    expect(secrets.stats.live).toBe(0);
  });
});

describe.skipIf(MISSING !== null)(`${NOT_RUN}a needle from a terminal`, () => {
  const LETHE = [process.execPath, atHand("cli/main.ts"), "scan", "--file"];

  it("is what was typed and corrected, and is not shown", async () => {
    const path = join(folder, "held");
    const bytes = password("unicode");
    writeFileSync(path, bytes, { mode: 0o600 });
    pty = new Pty([...LETHE, path]);
    await pty.saw(/not shown/);
    await new Promise((resolve) => setTimeout(resolve, 150)); // what is typed earlier is discarded
    pty.typePassword("unicode");
    pty.type("\r");
    const { code, flags } = await pty.ended;
    expect(pty.text).toMatch(/residue in 1 place/);
    expect([code, isCooked(flags)]).toEqual([1, true]);
    expect(pty.text).not.toContain(new TextDecoder().decode(bytes.subarray(0, 8)));
  });

  it("is given up by Ctrl-C", async () => {
    pty = new Pty([...LETHE, "/etc/passwd"]);
    await pty.saw(/not shown/);
    await new Promise((resolve) => setTimeout(resolve, 150));
    pty.type("half\x03");
    const { code, flags } = await pty.ended;
    expect([code, isCooked(flags)]).toEqual([130, true]);
  });
});
