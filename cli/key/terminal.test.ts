import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";
import { isCooked, MISSING, NOT_RUN, Pty } from "../../testing/features/prompt/pty.ts";

const MAIN = atHand("cli/main.ts");
const CHEAP = ["--passes", "1", "--memory", "8"];

let directory = "";
let pty: Pty | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
});
afterEach(async () => {
  await pty?.close();
  rmSync(directory, { recursive: true });
});

/** Runs `lethe key` in a pseudo-terminal and types a line at each prompt. */
async function typed(command: string, ...lines: readonly string[]): Promise<Pty> {
  await pty?.close();
  const parameters = [command, join(directory, "key"), ...(command === "read" ? ["--check"] : [])];
  const create = command === "create" ? ["--seal", ...CHEAP] : [];
  pty = new Pty([process.execPath, MAIN, "key", ...parameters, ...create]);
  let seen = 0;
  for (const line of lines) {
    const { index, 0: prompt } = await pty.saw(/assphrase(, again)?: /, seen);
    seen += index + prompt.length;
    pty.type(`${line}\r`);
  }
  return pty;
}

describe.skipIf(MISSING !== null)(`${NOT_RUN}lethe key at a terminal`, () => {
  it("asks twice for a new passphrase, then once, and shows none", async () => {
    const created = await typed("create", "correct horse", "correct horse");
    const { code, signal, flags } = await created.ended;
    expect([code, signal, isCooked(flags)]).toEqual([0, null, true]);
    expect(created.text).not.toContain("correct");
    const [, after = ""] = created.text.split("deriving a key from the passphrase ...");
    expect(after.startsWith("\r\x1b[2K")).toBe(true);
    expect(statSync(join(directory, "key"))).toMatchObject({ size: 176, mode: 0o100400 });
    expect((await (await typed("read", "correct horse")).ended).code).toBe(0);
    expect((await (await typed("read", "wrong horse")).ended).code).toBe(3);
  });

  it("takes no new passphrase that another keyboard may send as other bytes", async () => {
    const created = await typed("create", "caf\u0065\u0301");
    expect((await created.ended).code).toBe(1);
    expect(created.text).toContain("normal form C");
    expect(existsSync(join(directory, "key"))).toBe(false);
  });

  it("makes no key when the two differ, or the second is cut off by Ctrl-C", async () => {
    const differing = await typed("create", "correct horse", "correct house");
    expect((await differing.ended).code).toBe(2);
    expect(differing.text).toContain("the two passphrases differ");
    const cut = await typed("create", "correct horse");
    await cut.saw(/again: /);
    cut.type("\x03");
    const { code, flags } = await cut.ended;
    expect([code, isCooked(flags)]).toEqual([130, true]);
    expect(existsSync(join(directory, "key"))).toBe(false);
  });
});
