import { spawnSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import { SOAK } from "../testing/tier.ts";

const DENO = ["node_modules/.bin/deno", "run", "--quiet", "--no-prompt"];
const RUNTIMES: readonly (readonly [string, readonly string[]])[] = [
  ["node", [process.execPath]],
  ["deno", [...DENO, "--allow-read", "--allow-write", "--allow-ffi"]],
  ["bun", ["node_modules/.bin/bun"]],
];

it.each(RUNTIMES.filter(([name]) => SOAK || name === "node"))(
  "convert_key.ts on %s writes a key as encrypted PKCS#8",
  (_, [program = "", ...flags]) => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-example-"));
    try {
      const [from, to] = [join(folder, "from"), join(folder, "to")];
      const { privateKey } = generateKeyPairSync("ed25519");
      const encryption = { cipher: "aes-256-cbc", passphrase: "correct horse" };
      const pem = privateKey.export({ type: "pkcs8", format: "pem", ...encryption });
      writeFileSync(from, pem, { mode: 0o600 });
      const words = [...flags, "examples/convert_key.ts", from, to];
      writeFileSync(join(folder, "input"), "correct horse\n");
      const stdin = openSync(join(folder, "input"), "r");
      const { stdout, stderr, status } = spawnSync(program, words, {
        encoding: "utf8",
        stdio: [stdin, "pipe", "pipe"],
      });
      closeSync(stdin);
      expect([status, stderr]).toEqual([0, ""]);
      expect(stdout).toBe("ed25519, 256 bits, pkcs8-pem\nlive secrets: 0\n");
      expect(statSync(to).mode & 0o777).toBe(0o600);
      const written = { key: readFileSync(to), passphrase: "correct horse" };
      expect(createPrivateKey(written).equals(privateKey)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
