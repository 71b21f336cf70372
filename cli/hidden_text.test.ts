/** Text that nobody sees: what becomes of it in the ways in that the commands have. docs/prompt.md has the table. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as entry from "../adapters/node/mod.ts";
import type { SecretBuffer } from "../core/mod.ts";
import { askPassphrase } from "./key/ask.ts";
import { gatherSecrets } from "./run/gather_secrets.ts";
import type { RunParameters, Wanted } from "./run/parameters.ts";

const secrets = entry.openSecrets();
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-hidden-"));
});
afterEach(() => {
  secrets.purge();
  rmSync(folder, { recursive: true });
});

const text = (secret: SecretBuffer | undefined): string | undefined =>
  secret?.expose((bytes) => Buffer.from(bytes).toString("latin1"));

function file(content: string): string {
  const path = join(folder, "secret");
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode: 0o400 });
  return path;
}

/** What `lethe run` hands on of a file. */
async function handed(
  content: string,
  isToken: boolean,
  more: Partial<RunParameters> = {},
): Promise<string | undefined> {
  const one: Wanted = { name: "api", keyFile: file(content), isToken, descriptor: null };
  const rules = { sealed: false, trust: "strict", asIs: false, passphrases: undefined } as const;
  const [secret] = await gatherSecrets({ wanted: [one], ...rules, ...more }, entry, secrets);
  return text(secret);
}

describe.skipIf(process.platform === "win32")("what nobody sees", () => {
  it("in lethe run --key is handed on, byte for byte", async () => {
    for (const content of ["to ken\n", "to ken\r\n", "to ken\n\n", "\ufeffto ken", "to\u200bken"]) {
      const handedOn = await handed(content, false, { asIs: content.startsWith("\ufeff") });
      expect(handedOn).toBe(Buffer.from(content).toString("latin1"));
    }
  });

  it("in lethe run --token: the newline is taken off, and no byte else", async () => {
    for (const end of ["", "\n", "\r\n"]) {
      expect(await handed(` to ken ${end}`, true)).toBe(" to ken ");
      expect(await handed(`c2VjcmV0IHRva2VuIG9mIDMyIGJ5dGVzIC4uLg==${end}`, true)).toMatch(/==$/);
    }
    expect(secrets.stats.live).toBe(6);
  });

  it("in lethe run --token: what is not a line of text is refused, and nothing stays", async () => {
    for (const [content, words] of [
      ["\ufefftoken\n", /byte order mark/],
      ["tok\u200ben\n", /invisible/],
      ["tok\u0085en\n", /control/],
      ["token\n\n", /more than one line/],
      ["token\nother", /more than one line/],
      ["token\r\r\n", /control/],
      ["\n", /empty/],
      ["\r\n", /empty/],
    ] as const) {
      await expect(handed(content, true), JSON.stringify(content)).rejects.toThrow(
        expect.objectContaining({
          code: "ERR_LETHE_ENCODING",
          message: expect.stringMatching(words),
        }),
      );
    }
    expect(secrets.stats.live).toBe(0);
  });

  it("in lethe run --token: a sealed file gives its line too, and is never taken for one", async () => {
    const passphrase = (): SecretBuffer => secrets.move(Buffer.from("phrase"));
    const keys = entry.openKeyFiles(secrets, {
      onMisuse: "throw",
      cost: { passes: 1, memoryBytes: 8 * 2 ** 20 },
    });
    const path = file("sealed token\n");
    keys.seal(path, 13, { passphrase: passphrase(), asIs: true });
    writeFileSync(join(folder, "phrase"), "phrase\n");
    const passphrases = openSync(join(folder, "phrase"), "r");
    try {
      const wanted = [{ name: "api", keyFile: path, isToken: true, descriptor: null }];
      const [secret] = await gatherSecrets(
        { wanted, sealed: true, trust: "strict", asIs: false, passphrases },
        entry,
        secrets,
      );
      expect(text(secret)).toBe("sealed token");
    } finally {
      closeSync(passphrases);
    }
  });

  it("in a passphrase for lethe key: refused, and in a new one what another keyboard changes", async () => {
    const ask = async (line: string, isNew: boolean): Promise<string | undefined> => {
      const descriptor = openSync(file(`${line}\n`), "r");
      try {
        return text(await askPassphrase({ ...entry, secrets }, "Passphrase", descriptor, isNew));
      } finally {
        closeSync(descriptor);
      }
    };
    for (const line of ["\ufeffphrase", "phr\u00adase", "phr\u0080ase"]) {
      await expect(ask(line, false)).rejects.toThrow(/Cannot prompt for secret: the line has a/);
    }
    expect(await ask("caf\u0065\u0301", false)).toBe("caf\u0065\u00cc\u0081");
    await expect(ask("caf\u0065\u0301", true)).rejects.toThrow(/normal form C/);
    expect(await ask("caf\u00e9", true)).toBe("caf\u00c3\u00a9");
  });
});
