import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { NO_OPENSSH, type OpenSsh } from "./openssh.ts";

const SSHD = "/usr/sbin/sshd";

/** Why nobody can log in here, or nothing. */
export const NO_SSHD: string =
  NO_OPENSSH !== "" || !existsSync(SSHD)
    ? " (skipped: there is no sshd)"
    : process.getuid?.() === 0
      ? ""
      : " (skipped: a login takes root)";

/** OpenSSH's server on loopback, which lets root in by some keys, in the foreground of this process. */
export class Sshd {
  readonly port: number;
  /** The path of the private half of its host key. */
  readonly hostKey: string;
  readonly #child: ChildProcess;

  private constructor(port: number, hostKey: string, child: ChildProcess) {
    this.port = port;
    this.hostKey = hostKey;
    this.#child = child;
  }

  /**
   * @param lines public keys, as authorized_keys has them
   * @param authority the path of the public key of an authority, whose certificates it takes
   */
  static async start(
    openssh: OpenSsh,
    lines: readonly string[],
    authority?: string,
  ): Promise<Sshd> {
    const keys = openssh.write("authorized_keys", `${lines.join("\n")}\n`);
    const hostKey = openssh.makeKey("host", "-t", "ecdsa");
    const port = await freePort();
    mkdirSync("/run/sshd", { recursive: true });
    const settings = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${keys}`,
      `PidFile ${join(openssh.folder, "pid")}`,
      "StrictModes no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UsePAM no",
      ...(authority === undefined ? [] : [`TrustedUserCAKeys ${authority}`]),
    ];
    const file = openssh.write("sshd_config", `${settings.join("\n")}\n`);
    const server = new Sshd(
      port,
      hostKey,
      spawn(SSHD, ["-D", "-e", "-f", file], { stdio: "ignore" }),
    );
    for (let tries = 0; tries < 100; tries++) {
      if (spawnSync("ssh-keyscan", ["-p", `${port}`, "127.0.0.1"]).stdout.length > 0) return server;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    server.stop();
    throw new Error("sshd did not start");
  }

  stop(): void {
    this.#child.kill("SIGTERM");
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const found = typeof address === "object" ? (address?.port ?? 0) : 0;
      probe.close(() => resolve(found));
    });
  });
}
