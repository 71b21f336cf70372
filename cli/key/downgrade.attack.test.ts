import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";
import { SOAK } from "../../testing/tier.ts";

const MAIN = atHand("cli/main.ts");
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-downgrade-"));
  writeFileSync(join(folder, "passphrase"), "whatever\n");
  writeFileSync(join(folder, "id"), new Uint8Array(32).fill(9), { mode: 0o400 });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(process.platform !== "linux")("lethe key, told that the file is sealed", () => {
  const cases = [
    ["read", ["--check", "--passphrase-fd", "3"]],
    ["rotate", ["--passphrase-fd", "3", "--passes", "1", "--memory", "8"]],
    ["rotate", ["--sealed"]],
    ["unseal", ["--passphrase-fd", "3"]],
    ["change-passphrase", ["--passphrase-fd", "3", "--new-passphrase-fd", "3"]],
  ] as const;

  it.each(SOAK ? cases : cases.slice(1, 2))("refuses to %s a plain one, %j", (action, options) => {
    const passphrase = openSync(join(folder, "passphrase"), "r");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [MAIN, "key", action, join(folder, "id"), ...options],
      {
        encoding: "utf8",
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["ignore", "pipe", "pipe", passphrase],
      },
    );
    closeSync(passphrase);
    expect([status, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/^lethe key: .*(?:is plain|is not sealed).*\n$/);
    expect(readFileSync(join(folder, "id"))).toEqual(Buffer.alloc(32, 9));
  });
});
