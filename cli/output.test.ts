import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, it } from "vitest";
import { atHand } from "../testing/built.ts";
import { SOAK } from "../testing/tier.ts";
import { harmless } from "./output.ts";

const folder: string = mkdtempSync(join(tmpdir(), "lethe-output-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Sets the title of a terminal, colours it, hides text, turns its direction round; C1, a tag, a BOM. */
const STEERING = "\x1b]0;title\x07\x1b[31m\x1b[8m\u202e\x9b2J\u{e0041}\ufeff\r\b";

function lethe(...parameters: readonly string[]): string {
  const env = { ...process.env, FORCE_COLOR: "0" };
  const result = spawnSync(process.execPath, [atHand("cli/main.ts"), ...parameters], {
    encoding: "utf8",
    env,
  });
  return result.stdout + result.stderr;
}

it("keeps the colours of the palette, lines and tabs, and shows the rest as escapes", () => {
  const text = "a\tb\n\x1b[1mc\x1b[22m\x1b[32md\x1b[39m é 👩";
  expect(harmless(text, true)).toBe(text);
  expect(harmless(text)).toBe("a\tb\n\\u001b[1mc\\u001b[22m\\u001b[32md\\u001b[39m é 👩");
  for (const hasColours of [false, true]) {
    expect(harmless(STEERING.replaceAll("\x1b[31m", ""), hasColours)).toMatch(/^[ -~]+$/);
  }
  expect(JSON.parse(harmless(JSON.stringify(STEERING)))).toBe(STEERING);
});

it.runIf(SOAK)("prints names of files and commands without what steers a terminal", () => {
  const path = join(folder, `k${STEERING}`);
  const said = [
    lethe("key", "create", path),
    lethe("key", "rotate", path, "--keep-previous"),
    lethe("key", "inspect", path),
    lethe("key", "inspect", path, "--json"),
    lethe("key", "read", path),
    lethe("run", "--key", `k=${path}`, "--", STEERING),
    lethe(STEERING),
    lethe("scan", STEERING),
  ].join("");
  expect(said).toContain("previous");
  expect(said).not.toMatch(/(?!\n)[\p{Control}\p{Format}]/u);
});
