import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { FileError } from "../file_error.ts";
import { plaintextOf } from "./source.ts";
import { writeTo } from "./target.ts";

const secrets = openSecrets();
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-failing-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a plaintext that cannot go on", () => {
  it("ends the piece that could not be written", async () => {
    async function* source(): AsyncGenerator<SecretBuffer, void, undefined> {
      yield secrets.random(32);
    }
    const gone = join(folder, "gone", "out");
    await expect(writeTo(gone, source(), true)).rejects.toBeInstanceOf(FileError);
    expect([secrets.stats.live, readdirSync(folder)]).toEqual([0, []]);
  });

  it("ends the page into which it could not be read", async () => {
    const input = {
      hearsSignals: true,
      byteLength: null,
      read: () => {
        throw new Error("of the disk");
      },
      readLater: () => Promise.resolve(0),
      close: () => undefined,
    };
    await expect(plaintextOf(secrets, input).next()).rejects.toThrow("of the disk");
    expect(secrets.stats.live).toBe(0);
  });
});
