/** Text that nobody sees: what becomes of it in the ways in that the library has. docs/prompt.md has the table. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCustodian, openKeyFiles, openSecrets, promptSecret } from "../../adapters/node/mod.ts";

/** Not as text that can be typed again. */
const HIDDEN: readonly (readonly [what: string, text: string, words: RegExp])[] = [
  ["a byte order mark", "\ufeffpass", /byte order mark at its start/],
  ["a C1 control", "pa\u0085ss", /control character within it/],
  ["a zero-width space", "pass\u200b", /invisible character at its end/],
  ["a tag", "pa\u{e0061}ss", /invisible character within it/],
  ["a no-break space", "pa\u00a0ss", /space within it/],
];
const DECOMPOSED = "caf\u0065\u0301";
const COMPOSED = "caf\u00e9";

const secrets = openSecrets();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-ways-in-"));
});
afterAll(() => {
  secrets.purge();
  rmSync(folder, { recursive: true });
});

/** Runs `use` with a descriptor of a file that has this line and its newline. */
async function lent<T>(line: string, use: (descriptor: number) => Promise<T>): Promise<T> {
  const path = join(folder, "line");
  writeFileSync(path, `${line}\n`, { mode: 0o600 });
  const descriptor = openSync(path, "r");
  try {
    return await use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const prompt = (line: string, isNew = false): Promise<string> =>
  lent(line, async (descriptor) => {
    const secret = await promptSecret(secrets, "", { descriptor, isNew });
    return secret.expose((bytes) => Buffer.from(bytes).toString());
  });

const refusal = (words: RegExp): unknown =>
  expect.objectContaining({ code: "ERR_LETHE_ENCODING", message: expect.stringMatching(words) });

describe.skipIf(process.platform === "win32")("what nobody sees", () => {
  it.each(HIDDEN)("in a line of a descriptor: %s is refused", async (_, text, words) => {
    await expect(prompt(text)).rejects.toEqual(refusal(words));
  });

  it("in a line: the bytes are those that were typed, whatever the normal form", async () => {
    expect(await prompt(DECOMPOSED)).toBe(DECOMPOSED);
    expect(await prompt(COMPOSED)).toBe(COMPOSED);
  });

  it("in a new secret: what another keyboard may send as other bytes is refused", async () => {
    expect(await prompt(COMPOSED, true)).toBe(COMPOSED);
    await expect(prompt(DECOMPOSED, true)).rejects.toEqual(refusal(/normal form C/));
    await expect(promptSecret(secrets, "", { isNew: "yes" as unknown as boolean })).rejects.toThrow(
      TypeError,
    );
  });

  it("in a custodian's prompt: the same, with the same words", async () => {
    const [, hidden, words] = HIDDEN[2] ?? ["", "", /never/];
    await lent(`${hidden}\n${DECOMPOSED}\n${DECOMPOSED}\n${COMPOSED}`, async (input) => {
      await using custodian = await openCustodian({ secrets, input });
      const ask = (name: string, isNew: boolean): Promise<void> =>
        custodian.prompt(name, "? ", { from: "input", mayLeave: true, isNew });
      await expect(ask("hidden", false)).rejects.toEqual(refusal(words));
      await ask("typed", false);
      const typed = await custodian.expose("typed", (bytes) => Buffer.from(bytes).toString());
      expect(typed).toBe(DECOMPOSED);
      await expect(ask("new", true)).rejects.toEqual(refusal(/normal form C/));
      await ask("new", true);
    });
  });

  it("in the passphrase of a key file: its bytes are the caller's, and taken as they are", () => {
    const keys = openKeyFiles(secrets, {
      onMisuse: "throw",
      cost: { passes: 1, memoryBytes: 8 * 2 ** 20 },
    });
    const phrase = (text: string) => secrets.move(Buffer.from(text));
    const path = join(folder, "key");
    for (const text of [...HIDDEN.map(([, hidden]) => hidden), DECOMPOSED, "\x00\xff"]) {
      const made = keys.createAndRead(path, 32, { passphrase: phrase(text) });
      const other = phrase(text === DECOMPOSED ? COMPOSED : text.slice(0, -1));
      expect(() => keys.read(path, 32, { passphrase: other })).toThrow(/passphrase/);
      expect(keys.read(path, 32, { passphrase: phrase(text) }).equals(made)).toBe(true);
      keys.remove(path);
    }
  });
});
