import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNoResidue } from "../../conformance/mod.ts";
import { startWaiting, type Waiting } from "../../testing/features/key_files/children.ts";
import { RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { needleOf } from "../../testing/features/sources/needles.ts";
import { SOAK } from "../../testing/tier.ts";

// Programs that people keep secrets with, as `exec:`: the real ones.

const PROBE = "testing/features/sources/programs_probe.ts";
const [PASS, CREDS] = ["/usr/bin/pass", "/usr/bin/systemd-creds"];
const SECRET = needleOf("program");
const WITNESS = needleOf("a witness");

/** A program, how its secrets are made, and what reading them comes to. */
interface Keeper {
  readonly path: string;
  /** @returns each reference, and the length or the code of what it reads */
  prepare(folder: string): readonly (readonly [reference: string, outcome: string])[];
  end?(folder: string): void;
}

const references = (...commands: readonly (readonly string[])[]): readonly string[] =>
  commands.map((command) => `exec:${JSON.stringify(command)}`);

const KEEPERS: Readonly<Record<string, Keeper>> = {
  pass: {
    path: PASS,
    prepare(folder) {
      const env = { HOME: folder, PATH: "/usr/bin:/bin" };
      const gpg = join(folder, ".gnupg");
      mkdirSync(gpg, { mode: 0o700 });
      const key = ["--quick-gen-key", "lethe@example.invalid", "future-default", "default", "0"];
      execFileSync("/usr/bin/gpg", ["--batch", "--passphrase", "", ...key], {
        env,
        stdio: "ignore",
      });
      execFileSync(PASS, ["init", "lethe@example.invalid"], { env, stdio: "ignore" });
      for (const name of ["db/app", "lost"]) {
        const input = SECRET.bytes;
        execFileSync(PASS, ["insert", "--multiline", name], { env, input, stdio: "pipe" });
      }
      // An entry for somebody else's key, or what is no entry.
      writeFileSync(join(folder, ".password-store", "lost.gpg"), "not an OpenPGP message");
      const [found = "", missing = "", lost = ""] = references(
        [PASS, "show", "db/app"],
        [PASS, "show", "db/none"],
        [PASS, "show", "lost"],
      );
      return [
        [found, "48"],
        [missing, "ERR_LETHE_SOURCE_FAILED"],
        [lost, "ERR_LETHE_SOURCE_FAILED"],
        [found, "48"],
      ];
    },
    end(folder) {
      const env = { HOME: folder, PATH: "/usr/bin:/bin" };
      execFileSync("/usr/bin/gpgconf", ["--kill", "all"], { env });
    },
  },
  "systemd-creds": {
    path: CREDS,
    prepare(folder) {
      // The key of a host that is this folder, and not this machine's.
      const program = join(folder, "creds");
      const key = `SYSTEMD_CREDENTIAL_SECRET='${join(folder, "host")}'`;
      writeFileSync(program, `#!/bin/sh\n${key} exec ${CREDS} "$@"\n`, { mode: 0o700 });
      const sealed = join(folder, "token.cred");
      const words = ["encrypt", "--with-key=host", "--name=token", "-", sealed];
      execFileSync(program, words, { input: SECRET.bytes, stdio: "pipe" });
      const decrypt = (name: string): readonly string[] => [
        ...[program, "decrypt", `--name=${name}`, sealed, "-"],
      ];
      const [found = "", wrong = ""] = references(decrypt("token"), decrypt("other"));
      return [
        [found, "48"],
        [wrong, "ERR_LETHE_SOURCE_FAILED"],
        [found, "48"],
      ];
    },
  },
};

describe.skipIf(!SOAK).each(Object.entries(KEEPERS))("%s", (name, keeper) => {
  const isHere = existsSync(keeper.path);
  const here = Object.keys(RUNTIMES).filter((each) => existsSync(RUNTIMES[each]?.[0] ?? ""));

  describe.skipIf(!isHere).each(here)(
    isHere ? "as exec: on %s" : `${name} is missing (%s)`,
    (runtime) => {
      let folder = "";
      let expected: readonly (readonly [string, string])[] = [];
      let target: Waiting<{ readonly live: number; readonly said: readonly string[] }>;

      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), "lethe-keepers-"));
        const witness = join(folder, "witness");
        writeFileSync(witness, WITNESS.bytes, { mode: 0o600 });
        expected = keeper.prepare(folder);
        const [file = "", ...words] = RUNTIMES[runtime] ?? [];
        const flags = runtime.startsWith("node") ? ["--no-warnings", "--expose-gc"] : [];
        const asked = JSON.stringify(expected.map(([reference]) => reference));
        const { HOME } = process.env;
        process.env["HOME"] = folder;
        try {
          target = await startWaiting([file, ...flags, ...words, PROBE, asked, witness]);
        } finally {
          process.env["HOME"] = HOME;
        }
      }, 60_000);
      afterAll(async () => {
        await target?.stop();
        keeper.end?.(folder);
        rmSync(folder, { recursive: true });
      });

      it("gives what it keeps, and an error for what it does not", () => {
        expect(target.said).toEqual({ live: 0, said: expected.map(([, outcome]) => outcome) });
      });

      it("leaves nothing in the process that asked", () => {
        expectNoResidue({ pid: target.pid, needle: [SECRET], witness: WITNESS });
      });
    },
  );
});
