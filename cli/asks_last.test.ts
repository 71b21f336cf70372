import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../testing/cli/lethe.ts";
import { SOAK } from "../testing/tier.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-asks-last-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "file"), "a message", { mode: 0o600 });
  symlinkSync("nowhere", join(folder, "link"));
  if (process.platform === "linux") execFileSync("mkfifo", [join(folder, "never")]);
});

/** Each with its status. */
const REFUSED = [
  ["envelope open file out --passphrase", 4],
  ["scan --file never", 2],
  ...(SOAK
    ? ([
        ["envelope seal none out --passphrase", 1],
        ["envelope seal folder out --passphrase", 2],
        ["envelope seal file none/out --passphrase", 1],
        ["envelope seal file file --passphrase", 2],
        ["envelope open none out --passphrase", 1],
        ["envelope plugin key none/out --generate", 1],
        ["envelope plugin folder out --generate", 2],
        ["key convert file --to pkcs8 --encrypt --out file", 2],
        ["key convert file --to pkcs8 --encrypt --out folder", 2],
        ["key convert file --to pkcs8 --encrypt --out none/out", 1],
        ["key create folder/ --seal", 1],
        ["key create link --seal", 1],
        ["key create never --seal", 1],
        ["scan --core file", 2],
        ["scan --core folder", 2],
        ["scan --file folder", 2],
        ["scan --file none", 2],
        ["scan --file /dev/zero", 2],
      ] as const)
    : []),
] as const;

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "before it asks, on %s",
  (runtime) => {
    it.each(REFUSED)("lethe %s is refused", (words, status) => {
      // A FIFO that nobody writes to: what reads a line from it waits until the time is over.
      const script = `exec 9<>never; timeout 20 "$@" <&9 9<&-`;
      const command = ["setsid", "-w", ...lethe(runtime, ...words.split(" "))];
      const outcome = spawnSync("bash", ["-c", script, "bash", ...command], {
        cwd: folder,
        env: plainEnvironment(),
        encoding: "utf8",
      });
      expect([outcome.status, outcome.stdout]).toEqual([status, ""]);
      expect(outcome.stderr).toMatch(/^lethe \w+: [^\n]+\n$/);
      if (words.startsWith("key create")) {
        expect(outcome.stderr).toMatch(/it is a (?:directory|symbolic link|device, a pipe)/);
      }
    });
  },
);
