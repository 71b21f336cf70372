import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { expectNoResidue, type Needle } from "../../conformance/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { SOAK } from "../../testing/tier.ts";

let folder = "";
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-restart-"));
  put("token", "one\n");
});
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** As whoever writes a secret does it: another file takes the place. */
function put(name: string, text: string): void {
  writeFileSync(join(folder, "next"), text, { mode: 0o600 });
  renameSync(join(folder, "next"), join(folder, name));
}

interface Running {
  readonly pid: number;
  said(): string;
  readonly ended: Promise<number>;
}

/** A command in bash, which says when two of it run at once. */
const COMMAND = `
  mkdir alone || echo "two at once"
  trap 'rmdir alone; echo "ended $token"; exit 4' TERM
  token=$(cat <&3); echo "up $token $$"
  while [ ! -e end ]; do sleep 0.05; done
  rmdir alone; exit 9`;

function start(runtime: string, options: readonly string[], script = COMMAND): Running {
  const from = ["--from", `token=file:${folder}/token`, "--restart-on-change"];
  const [file = "", ...words] = lethe(runtime, "run", ...from, ...options, "--", "bash", "-c");
  const running = spawn(file, [...words, script], {
    cwd: folder,
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  child = running;
  let text = "";
  for (const stream of [running.stdout, running.stderr]) {
    stream.on("data", (piece) => {
      text += piece;
    });
  }
  const ended = new Promise<number>((resolve) => {
    running.once("close", (code, signal) => resolve(signal === null ? Number(code) : -1));
  });
  return { pid: running.pid ?? 0, said: () => text, ended };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const isHidden = openSecrets().memory === "secretmem";
const PATIENCE = { timeout: 30_000 };

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "on %s, lethe run --restart-on-change",
  { timeout: 120_000 },
  (runtime) => {
    it("ends the command when its secret changed, and then starts the next one", async () => {
      const { pid, said, ended } = start(runtime, []);
      await expect.poll(said, PATIENCE).toMatch(/up one \d+\n/);
      put("token", "two\n");
      await expect.poll(said, PATIENCE).toMatch(/ended one\nup two \d+\n/);
      process.kill(pid, "SIGTERM");
      expect(await ended).toBe(4);
      expect(said()).not.toContain("two at once");
      expect(said()).toMatch(/ended two\n$/);
    });

    it.skipIf(!SOAK)(
      "goes on with the command when a secret cannot be read or written",
      async () => {
        const { said, ended } = start(runtime, ["--template", "token=netrc:a"]);
        await expect.poll(said, PATIENCE).toMatch(/up machine a password one \d+\n/);
        rmSync(join(folder, "token"));
        await expect
          .poll(said, PATIENCE)
          .toMatch(/token could not be read again .*MISSING.*goes on/);
        put("token", "hunter two");
        await expect.poll(said, PATIENCE).toMatch(/goes on .*token cannot be written as netrc/);
        expect(said()).not.toContain("ended");
        put("token", "three");
        await expect.poll(said, PATIENCE).toMatch(/ended .*one\nup machine a password three \d+\n/);
        writeFileSync(join(folder, "end"), "");
        expect(await ended).toBe(9);
        expect(said()).not.toContain("hunter");
      },
    );

    it.skipIf(!SOAK).each([
      ["through a socket", []],
      ["in a format", ["--template", "token=pgpass"]],
      ["as a sealed file", ["--as", "memfd"]],
    ])("keeps nothing of three secrets that it handed over %s", async (_, options) => {
      const witness = { label: "witness", bytes: Buffer.from("the witness of three restarts") };
      const random = (): Buffer => crypto.getRandomValues(Buffer.alloc(33));
      const secrets = [1, 2, 3, 4].map(() => random().toString("base64url"));
      const hash = `printf "up %.64s\\n" "$(cat <&3 | tail -c 45 | tr -d "\\n" | sha256sum)"`;
      const script = `: ${witness.bytes}; trap "exit 4" TERM; ${hash}; while :; do sleep 0.05; done`;
      const said = secrets.map((text) => `up ${sha256(text)}\n`);
      put("token", secrets[0] as string);
      const running = start(runtime, options, script);
      for (const [at, text] of secrets.entries()) {
        if (at > 0) put("token", text);
        await expect.poll(running.said, PATIENCE).toBe(said.slice(0, at + 1).join(""));
      }
      const needles = secrets.map((text, at): Needle => {
        return { label: `secret ${at}`, bytes: Buffer.from(text) };
      });
      // The one that serves is in secret memory.
      const needle = isHidden ? needles : needles.slice(0, -1);
      expectNoResidue({ pid: running.pid, needle, witness });
      process.kill(running.pid, "SIGTERM");
      expect(await running.ended).toBe(4);
    });

    it.skipIf(!SOAK)("kills a command that does not end, and spaces the starts", async () => {
      const stubborn = `trap "" TERM; echo "up $(cat <&3) $$"; while :; do sleep 0.05; done`;
      const { pid, said, ended } = start(runtime, ["--grace", "1"], stubborn);
      await expect.poll(said, PATIENCE).toMatch(/up one/);
      for (const text of ["two", "three"]) {
        put("token", text);
        await expect.poll(said, PATIENCE).toMatch(new RegExp(`up ${text}`));
      }
      process.kill(pid, "SIGTERM"); // which the command does not take
      put("token", "four");
      expect(await ended).toBe(137);
      expect(said()).not.toContain("four");
    });

    it.skipIf(!SOAK)("starts nothing for the same bytes, and ends with the command", async () => {
      const { said, ended } = start(runtime, ["--poll", "1"]);
      await expect.poll(said, PATIENCE).toMatch(/up one/);
      for (let round = 0; round < 3; round++) {
        put("token", "one\n");
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
      writeFileSync(join(folder, "end"), "");
      expect(await ended).toBe(9);
      expect(said().match(/up /g)?.length).toBe(1);
    });

    it.skipIf(!SOAK)(
      "keeps what cannot be read again, and reads programs by the clock",
      async () => {
        put("key", "the key");
        put("other", "of a program");
        const options = [
          ...["--key", `key=${folder}/key`, "--poll", "1"],
          ...["--from", `other=exec:/bin/cat ${folder}/other`],
        ];
        const script = COMMAND.replace(
          "<&3",
          '<&3; cat <&"$LETHE_FD_KEY"; cat <&"$LETHE_FD_OTHER"',
        );
        const { pid, said, ended } = start(runtime, options, script);
        await expect.poll(said, PATIENCE).toMatch(/up one\n?the keyof a program/);
        put("other", "of another");
        await expect.poll(said, PATIENCE).toMatch(/up one\n?the keyof another/);
        process.kill(pid, "SIGTERM");
        expect(await ended).toBe(4);
      },
    );
  },
);
