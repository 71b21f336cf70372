import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../testing/cli/lethe.ts";
import { AGE, hasAge, newIdentityFile } from "../testing/features/envelopes/age.ts";
import { SOAK } from "../testing/tier.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-written-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  writeFileSync(join(folder, "plain"), Buffer.alloc(200_000, "a message "));
  if (!hasAge) return;
  const identity = newIdentityFile();
  writeFileSync(join(folder, "identity"), identity, { mode: 0o600 });
  const to = /age1\S+/.exec(identity.toString())?.[0] ?? "";
  const age = execFileSync(AGE, ["-r", to, join(folder, "plain")]);
  writeFileSync(join(folder, "age"), age);
});

/** What writes secrets or ciphertext to standard output, past what is printed. */
const WRITERS = [
  "envelope identity -",
  ...(hasAge && SOAK ? ["envelope open age - --identity identity"] : []),
  ...(SOAK
    ? [
        "envelope seal plain - --to age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        "key convert identity.jwk --to seed --plain",
        "key public identity.jwk",
        "key convert identity.jwk --to seed --plain --out-fd 1",
      ]
    : []),
];

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "what lethe hands on, on %s",
  (runtime) => {
    function outcome(words: string, rest: string): readonly [number | null, string] {
      const script = `${lethe(runtime).join(" ")} ${words} ${rest}`;
      const { status, stderr } = spawnSync("setsid", ["-w", "bash", "-c", script], {
        cwd: folder,
        env: plainEnvironment(),
        encoding: "utf8",
      });
      return [status, stderr];
    }

    beforeAll(() => {
      if (!SOAK) return;
      rmSync(join(folder, "key"), { force: true });
      rmSync(join(folder, "identity.jwk"), { force: true });
      expect(outcome("key create key --type ed25519 --json", ">/dev/null")).toEqual([0, ""]);
      const words = "key export key --type ed25519 --to jwk --plain";
      expect(outcome(words, "--out identity.jwk >/dev/null")).toEqual([0, ""]);
    });

    it.each(WRITERS)("lethe %s: a full device is 74, a reader that left a silent 141", (words) => {
      expect(outcome(words, ">/dev/full")).toEqual([
        74,
        expect.stringMatching(/^lethe \w+: Cannot write standard output: ENOSPC\n$/),
      ]);
      expect(outcome(words, "| true; exit $PIPESTATUS")).toEqual([141, ""]);
    });

    it.runIf(SOAK)("a descriptor that cannot be written is called by its number", () => {
      expect(outcome("key public identity.jwk --out-fd 7", "7<plain")).toEqual([
        74,
        "lethe key: Cannot write descriptor 7: EBADF\n",
      ]);
    });

    it.runIf(SOAK)("a file that is not there is refused, and no wrong usage", () => {
      for (const words of [
        "envelope seal none out --to age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        "envelope inspect none",
        "key convert none --to seed --plain",
        "key convert identity.jwk --to seed --plain --out none/out",
      ]) {
        expect(outcome(words, "")).toEqual([
          1,
          expect.stringMatching(/^lethe \w+: [^\n]*none[^\n]*\n$/),
        ]);
      }
    });
  },
);
