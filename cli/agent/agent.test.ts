import { type ChildProcess, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CLI_RUNTIMES,
  lethe,
  type Outcome,
  outcomeOf,
  plainEnvironment,
} from "../../testing/cli/lethe.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { SOAK } from "../../testing/tier.ts";

const openssh = new OpenSsh("/nowhere");
const { folder } = openssh;
let key = "";
beforeAll(() => {
  if (NO_OPENSSH === "") key = openssh.makeKey("id_cli", "-t", "ed25519");
});
afterAll(() => openssh.remove());

const run = (runtime: string, ...parameters: readonly string[]): Outcome =>
  outcomeOf(lethe(runtime, "agent", ...parameters), { cwd: folder });

describe.skipIf(NO_OPENSSH !== "").each(CLI_RUNTIMES)(
  `lethe agent on %s${NO_OPENSSH}`,
  (runtime) => {
    it("gives a command an agent with the keys, and ends with it", () => {
      const script = `echo "$SSH_AUTH_SOCK"; ssh-add -T ${key}.pub && ssh-add -l; exit 7`;
      const { status, stdout, stderr } = run(
        runtime,
        "--key",
        key,
        "--log",
        "--",
        "sh",
        "-c",
        script,
      );
      expect(status, stderr).toBe(7);
      const [socket = "", line] = stdout.split("\n");
      expect(line).toMatch(/^256 SHA256:\S+ id_cli \(ED25519\)$/);
      expect(existsSync(socket)).toBe(false);
      const log = stderr.split("\n").filter((each) => each.startsWith("{"));
      expect(log.map((each) => JSON.parse(each).action)).toEqual(["sign", "list"]);
    });

    it.skipIf(!SOAK)("keeps keys in the secure heap where there is one, and else says so", () => {
      const command = ["--key", key, "--secure-heap", "--", "ssh-add", "-T", `${key}.pub`];
      const { status, stderr } = run(runtime, ...command);
      if (runtime.startsWith("node")) expect(status, stderr).toBe(0);
      else expect(stderr).toContain("its custodian has no secure heap");
    });

    it("offers the certificate beside a key, and refuses that of another key", () => {
      const authority = openssh.makeKey(`authority_${runtime}`, "-t", "ed25519");
      const own = openssh.makeKey(`id_certified_${runtime}`, "-t", "ed25519");
      outcomeOf(["ssh-keygen", "-q", "-s", authority, "-I", "cli", "-n", "root", `${own}.pub`]);
      const { status, stdout, stderr } = run(runtime, "--key", own, "--", "ssh-add", "-L");
      expect(status, stderr).toBe(0);
      const lines = [readFileSync(`${own}.pub`, "utf8"), readFileSync(`${own}-cert.pub`, "utf8")];
      const word = (line: string): string => line.split(" ").slice(0, 2).join(" ");
      expect(stdout.trim().split("\n").map(word)).toEqual(lines.map(word));
      if (!SOAK) return; // each start takes a second
      copyFileSync(`${own}-cert.pub`, `${key}-cert.pub`);
      try {
        const refused = run(runtime, "--key", key, "--", "true");
        expect(refused).toMatchObject({ status: 2 });
        expect(refused.stderr).toContain("its certificate is that of another key");
      } finally {
        rmSync(`${key}-cert.pub`);
      }
    });

    it.skipIf(!SOAK)("signs a commit that git verifies", () => {
      const repository = mkdtempSync(join(tmpdir(), "lethe-git-"));
      const allowed = join(folder, "allowed");
      const script = [
        "set -e; cd $0; export HOME=$0 GIT_CONFIG_NOSYSTEM=1; git init -q .",
        `git config user.name me; git config user.email me@host; git config gpg.format ssh`,
        `git config user.signingkey ${key}.pub; git config gpg.ssh.allowedSignersFile ${allowed}`,
        `echo "me@host $(cat ${key}.pub)" > ${allowed}; mv ${key} ${key}.away`,
        "git commit -q --allow-empty -S -m signed; git verify-commit HEAD",
      ].join("\n");
      try {
        const { status, stderr } = run(runtime, "--key", key, "--", "sh", "-c", script, repository);
        outcomeOf(["mv", `${key}.away`, key]);
        expect(stderr).toContain('Good "git" signature for me@host');
        expect(status).toBe(0);
      } finally {
        rmSync(repository, { recursive: true });
      }
    });

    it.skipIf(!SOAK)("asks by a program before each use, where that is wanted", () => {
      const ask = (answer: string): number | null => {
        const program = openssh.write(
          "ask",
          `#!/bin/sh\necho "$1" >> ${folder}/asked\n${answer}\n`,
        );
        outcomeOf(["chmod", "700", program]);
        const test = ["--", "ssh-add", "-T", `${key}.pub`];
        return run(runtime, "--key", key, "--confirm", "--askpass", program, ...test).status;
      };
      expect(ask("exit 0")).toBe(0);
      expect(ask("echo yes")).toBe(0);
      expect(ask("exit 1")).not.toBe(0);
      expect(ask("echo no")).not.toBe(0);
    });

    it.skipIf(!SOAK)("runs alone until a signal, and removes its socket", async () => {
      const [file = "", ...parameters] = lethe(runtime, "agent", "--key", key);
      const child: ChildProcess = spawn(file, parameters, {
        env: plainEnvironment(),
        stdio: ["ignore", "pipe", "inherit"],
      });
      const line = await new Promise<string>((resolve) =>
        child.stdout?.once("data", (text) => resolve(`${text}`)),
      );
      const [, socket = ""] = /^SSH_AUTH_SOCK=(\S+); export SSH_AUTH_SOCK;\n$/.exec(line) ?? [];
      const ended = new Promise((resolve) => child.once("exit", resolve));
      expect((await new OpenSsh(socket).run("ssh-add", ["-l"])).text).toContain("id_cli");
      child.kill("SIGTERM");
      expect(await ended).toBe(143);
      expect(existsSync(socket)).toBe(false);
    });

    it.skipIf(!SOAK)("says what is wrong before it reads a key", () => {
      writeFileSync(join(folder, "none"), "no key");
      expect(run(runtime, "--").stderr).toContain("a command is needed");
      expect(run(runtime, "--lifetime", "0", "--", "true").stderr).toContain("--lifetime must be");
      expect(run(runtime, "--key", key, "--", "/no/such").status).toBe(127);
      expect(run(runtime, "--key", join(folder, "none"), "--", "true")).toMatchObject({
        status: 2,
      });
      expect(run(runtime, "--socket", join(tmpdir(), "open"), "--", "true").stderr).toContain(
        "chmod 700",
      );
    });
  },
);
