import { execFile, execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Why OpenSSH's programs cannot be used here, or nothing. */
export const NO_OPENSSH: string =
  spawnSync("ssh-add", ["-h"]).error === undefined ? "" : " (skipped: there is no ssh-add)";

/** How a program of OpenSSH ended, and what it said. */
export interface Said {
  readonly status: number;
  readonly text: string;
}

/** A folder with keys of OpenSSH, and its programs over an agent. */
export class OpenSsh {
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-openssh-"));
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** A new key; @returns the path of its private half */
  makeKey(name: string, ...options: readonly string[]): string {
    const path = join(this.folder, name);
    execFileSync("ssh-keygen", ["-q", "-N", "", "-C", name, "-f", path, ...options]);
    return path;
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** @param answer what is typed where the program asks */
  run(program: string, parameters: readonly string[], answer: string = ""): Promise<Said> {
    const askpass = this.write("askpass", `#!/bin/sh\necho '${answer}'\n`);
    chmodSync(askpass, 0o700);
    const env = {
      ...process.env,
      SSH_AUTH_SOCK: this.#socket,
      SSH_ASKPASS: askpass,
      SSH_ASKPASS_REQUIRE: "force",
      DISPLAY: ":0",
      HOME: this.folder,
    };
    return new Promise((resolve) => {
      execFile(program, parameters, { env, cwd: this.folder }, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        const failure = status === -1 ? String(error) : "";
        resolve({ status, text: `${stdout}${stderr}${failure}` });
      });
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
