import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LetheError } from "../../core/mod.ts";
import { openNamed, readNamed } from "../open_named.ts";
import { certificateBeside, offerCertificate } from "./certificate_beside.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-beside-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("what lies beside a key", () => {
  const key = (): string => join(folder, "key");
  const beside = (): string => `${key()}-cert.pub`;

  it("is read where it is a regular file, also behind a link, and is none for standard input", () => {
    expect(certificateBeside(key())).toBe(null);
    expect(certificateBeside("-")).toBe(null);
    writeFileSync(join(folder, "there"), "text");
    symlinkSync("there", beside());
    const found = certificateBeside(key());
    expect([found?.path, Buffer.from(found?.bytes ?? []).toString()]).toEqual([beside(), "text"]);
  });

  it("is refused by its name where it is something else, and nobody waits for it", () => {
    const refusal =
      /^Cannot offer certificate ".*key-cert\.pub": it is not a regular file; .* move the file away$/;
    mkdirSync(beside());
    expect(() => certificateBeside(key())).toThrow(refusal);
    if (process.platform === "win32") return;
    rmSync(beside(), { recursive: true });
    expect(spawnSync("mkfifo", [beside()]).status).toBe(0);
    expect(() => certificateBeside(key())).toThrow(refusal);
  });

  it("is read up to what no certificate has", () => {
    writeFileSync(beside(), new Uint8Array(100_000));
    expect(certificateBeside(key())?.bytes.length).toBe(16_385);
  });

  it.each([
    [
      new LetheError(
        "ERR_LETHE_KEY_INVALID",
        "Cannot add key to agent: it is of another key; pass this one's",
      ),
      "ERR_LETHE_KEY_INVALID",
      "it is of another key",
    ],
    [
      new RangeError("Cannot add key to agent as certificate must have 9 bytes at most"),
      "ERR_LETHE_KEY_FORMAT",
      "certificate must have 9 bytes at most",
    ],
  ])("says of which file it is that an agent refuses it: %s", (error, code, reason) => {
    const add = (): never => {
      throw error;
    };
    expect(() => offerCertificate({ path: "a", bytes: new Uint8Array(1) }, add)).toThrow(
      expect.objectContaining({
        code,
        message: `Cannot offer certificate "a": ${reason}; put the certificate of the key there, or move the file away`,
      }),
    );
  });
});

it("a folder that was named where a file is meant is called by its name", () => {
  for (const read of [openNamed, (path: string) => readNamed(path, 4)]) {
    expect(() => read(folder)).toThrow(`${JSON.stringify(folder)} is a directory; give a file`);
  }
  writeFileSync(join(folder, "file"), "text");
  expect(readNamed(join(folder, "file"), 4).toString()).toBe("text");
  for (const endless of [join(folder, "file"), "/dev/zero"]) {
    expect(() => readNamed(endless, 3)).toThrow("longer than 3 bytes");
  }
});
