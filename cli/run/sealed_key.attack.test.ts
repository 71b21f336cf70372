import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKeyFiles, openSecrets } from "../../adapters/node/mod.ts";
import { atHand } from "../../testing/built.ts";

const MAIN = atHand("cli/main.ts");
let folder = "";
let plain = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-run-sealed-"));
  const secrets = openSecrets();
  const cost = { passes: 1, memoryBytes: 8 * 2 ** 20 };
  const keys = openKeyFiles(secrets, { onMisuse: "throw", cost });
  const passphrase = secrets.move(new TextEncoder().encode("a good one"));
  const key = keys.createAndRead(join(folder, "sealed"), 32, { passphrase });
  plain = key.expose((bytes) => Buffer.from(bytes).toString("hex"));
  keys.create(join(folder, "plain"), 32);
  writeFileSync(join(folder, "passphrase"), "a good one\n");
  secrets[Symbol.dispose]();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Without a terminal, with the passphrase as descriptor 9. What the command is given, in hex. */
function run(...parameters: readonly string[]): SpawnSyncReturns<string> {
  const passphrase = openSync(join(folder, "passphrase"), "r");
  const command = ["sh", "-c", "od -An -tx1 -v <&3"];
  try {
    return spawnSync(
      "setsid",
      ["-w", process.execPath, MAIN, "run", ...parameters, "--", ...command],
      {
        input: "a good one\n", // the command's own, and no answer to a question
        encoding: "utf8",
        env: { ...process.env, NODE_OPTIONS: "" },
        stdio: ["pipe", "pipe", "pipe", ...UNUSED, passphrase],
      },
    );
  } finally {
    closeSync(passphrase);
  }
}

/** Descriptors 3 to 8. */
const UNUSED = Array.from({ length: 6 }, () => "ignore" as const);

describe.skipIf(process.platform !== "linux")("lethe run with a key file", () => {
  it("that is sealed, without a terminal: asks nobody, and starts nothing", () => {
    const { status, stdout, stderr } = run("--key", `k=${join(folder, "sealed")}`);
    expect([status === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toMatch(/it is sealed, and there is no terminal.*--passphrase-fd\n$/);
  });

  it("that is sealed, with its passphrase: hands over the key that is in it", () => {
    const key = `k=${join(folder, "sealed")}`;
    const { stdout, stderr } = run("--key", key, "--passphrase-fd", "9");
    expect([stdout.replaceAll(/\s/g, ""), stderr]).toEqual([plain, ""]);
  });

  it("that is plain, with a passphrase: refuses it, as somebody may have exchanged it", () => {
    for (const option of [["--passphrase-fd", "9"], ["--sealed"]]) {
      const { status, stdout, stderr } = run("--key", `k=${join(folder, "plain")}`, ...option);
      expect([status === 0, stdout]).toEqual([false, ""]);
      expect(stderr).toMatch(/it is plain, and --sealed or --passphrase-fd says/);
    }
  });
});
