import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets, parseKey } from "../../adapters/node/mod.ts";
import { expectNoResidue } from "../../conformance/mod.ts";
import { CLI_RUNTIMES, lethe, plainEnvironment } from "../../testing/cli/lethe.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";

let end: () => Promise<void> = async () => undefined;
afterEach(() => end());

describe.skipIf(!SOAK || NO_OPENSSH !== "").each(CLI_RUNTIMES)(
  `lethe agent --key on %s${NO_OPENSSH}`,
  (runtime) => {
    it("leaves nothing of the key in its memory, and nothing of the file", async () => {
      const openssh = new OpenSsh("");
      const path = openssh.makeKey("id_left", "-t", "ed25519");
      const [file = "", ...parameters] = lethe(runtime, "agent", "--key", path);
      const child = spawn(file, parameters, {
        env: plainEnvironment(),
        stdio: ["ignore", "pipe", "inherit"],
      });
      end = async () => {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        await ended;
        openssh.remove();
      };
      const said = await new Promise<string>((resolve) => {
        child.stdout.once("data", (bytes) => resolve(`${bytes}`));
      });
      const [, socket = ""] = /^SSH_AUTH_SOCK=([^;]+);/.exec(said) ?? [];
      const key = parseKey(openSecrets({ memory: "heap" }), copy(readFileSync(path)));
      const seed = key.secretKey.expose((bytes) => copy(bytes.subarray(0, 32)));
      key.secretKey.destroy();
      const line = readFileSync(path, "latin1").split("\n")[2] ?? ""; // private bytes are in it
      const needle = [
        { label: "seed", bytes: seed },
        { label: "a line of the file", bytes: copy(Buffer.from(line)) },
      ];
      const witness = { label: "witness", bytes: copy(Buffer.from(socket)) };
      expect(socket).not.toBe("");
      expectNoResidue({ pid: child.pid ?? 0, needle, witness });
    });
  },
);
