import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";
import { SOAK } from "../../testing/tier.ts";

const MAIN = atHand("cli/main.ts");
const PASSPHRASE = "correct horse battery staple";

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
});
afterEach(() => rmSync(directory, { recursive: true }));
const path = (name = "key"): string => join(directory, name);

/** Runs `lethe key`, with a passphrase on each of descriptors 3, 4 ... that is given. */
function key(parameters: readonly string[], ...passphrases: readonly string[]): Outcome {
  const descriptors = passphrases.map((passphrase, index) => {
    const file = path(`.passphrase-${index}`);
    writeFileSync(file, `${passphrase}\n`);
    return openSync(file, "r");
  });
  try {
    return spawnSync(process.execPath, [MAIN, "key", ...parameters], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe", ...descriptors],
      env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
    });
  } finally {
    for (const [index, descriptor] of descriptors.entries()) {
      closeSync(descriptor);
      rmSync(path(`.passphrase-${index}`));
    }
  }
}

const CHEAP = ["--passes", "1", "--memory", "8"];

describe.skipIf(process.platform === "win32")("lethe key", () => {
  it.runIf(SOAK)("takes a plain key through its life", () => {
    expect(key(["create", path(), "--bytes", "48"])).toMatchObject({ status: 0, stderr: "" });
    expect(statSync(path())).toMatchObject({ size: 48, mode: 0o100400 });
    const before = readFileSync(path());

    const again = key(["create", path()]);
    expect(again).toMatchObject({ status: 1, stdout: "" });
    expect(again.stderr).toMatch(/^lethe key: Cannot create key file ".*": there is one; .*\n$/);

    const checked = key(["read", path(), "--check", "--bytes", "48", "--json"]);
    expect(checked.status).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({
      done: "checked",
      form: "plain",
      mode: "0400",
    });
    for (const form of ["hex", "base64", "latin1"] as const) {
      expect(checked.stdout).not.toContain(before.toString(form).slice(0, 12));
    }

    expect(key(["rotate", path(), "--bytes", "48"]).status).toBe(0);
    expect(readFileSync(path()).equals(before)).toBe(false);
  });

  it("takes a sealed key pair through its life, by passphrases from descriptors", () => {
    const create = ["create", path(), "--type", "ed25519", "--seal", "--json", ...CHEAP];
    const created = key([...create, "--passphrase-fd", "3"], PASSPHRASE);
    expect([created.status, created.stderr]).toEqual([0, ""]);
    const { publicKey } = JSON.parse(created.stdout);
    expect(statSync(path()).size).toBe(176);

    const resealing = [
      "change-passphrase",
      path(),
      "--passphrase-fd",
      "3",
      "--new-passphrase-fd",
      "4",
      ...CHEAP,
    ];
    expect(key(resealing, PASSPHRASE, "another one").status).toBe(0);
    const wrong = key(["read", path(), "--check", "--passphrase-fd", "3"], PASSPHRASE);
    expect(wrong).toMatchObject({ status: 3, stdout: "" });
    expect(wrong.stderr).not.toContain(PASSPHRASE);
    const right = key(["read", path(), "--check", "--json", "--passphrase-fd", "3"], "another one");
    expect(JSON.parse(right.stdout)).toMatchObject({ type: "ed25519", publicKey, form: "sealed" });

    expect(key(["unseal", path(), "--passphrase-fd", "3"], "another one").status).toBe(0);
    expect(statSync(path())).toMatchObject({ size: 32, mode: 0o100400 });
    const sealed = key(
      ["seal", path(), "--type", "ed25519", "--passphrase-fd", "3", ...CHEAP],
      "x",
    );
    expect([sealed.status, statSync(path()).size]).toEqual([0, 176]);
    expect(key(["remove", path()]).status).toBe(0);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([[["create", "PATH", "--passphrase", PASSPHRASE], 2, "--passphrase"]] as const)(
    "answers %j with status %i and one line",
    (parameters, status, said) => {
      const outcome = key(parameters.map((part) => (part === "PATH" ? path("none") : part)));
      expect([outcome.status, outcome.stdout]).toEqual([status, ""]);
      expect(outcome.stderr).toContain(said);
      expect(outcome.stderr).toMatch(/^lethe key: [^\n]+\n$/);
      expect(outcome.stderr).not.toContain(PASSPHRASE);
    },
  );

  it("exits with 4 for another number of bytes and for a damaged file, and says so as JSON", () => {
    writeFileSync(path(), new Uint8Array(33), { mode: 0o400 });
    const long = key(["read", path(), "--check", "--json"]);
    expect([long.status, JSON.parse(long.stdout).error]).toEqual([4, "ERR_LETHE_KEY_SIZE"]);
    rmSync(path());
    const file = Buffer.alloc(176);
    file.write("LETHEKEY\x01\x01\x01\x01", "latin1");
    writeFileSync(path(), file, { mode: 0o400 });
    const damaged = key(["read", path(), "--check", "--json", "--passphrase-fd", "3"], "x");
    expect([damaged.status, JSON.parse(damaged.stdout).error]).toEqual([
      4,
      "ERR_LETHE_KEY_DAMAGED",
    ]);
  });
});
