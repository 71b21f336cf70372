import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { P11_KIT_CLIENT, SOFTHSM, type SoftHsm } from "./softhsm.ts";

/** Why there is no server here, or null. */
export const noServer: string | null = !existsSync(P11_KIT_CLIENT)
  ? "p11-kit-modules is missing"
  : spawnSync("p11-kit", ["--help"]).error !== undefined
    ? "p11-kit is missing"
    : null;

/** `p11-kit server` on a socket, with the tokens of SoftHSM behind it. */
export class TokenServer {
  readonly socket: string;
  readonly #hsm: SoftHsm;
  #child: ChildProcess | null = null;

  constructor(hsm: SoftHsm) {
    this.#hsm = hsm;
    this.socket = join(hsm.folder, "p11-kit.socket");
  }

  /** Of a program that uses it. */
  get env(): readonly string[] {
    return [`P11_KIT_SERVER_ADDRESS=unix:path=${this.socket}`];
  }

  /**
   * SoftHSM 2.6 writes the file of a token in place at each login: a server that is killed at that moment leaves
   * it empty, and the token is lost. So each server begins with the tokens that the first one had.
   */
  async start(token: string): Promise<void> {
    rmSync(this.socket, { force: true });
    const { tokens, folder } = this.#hsm;
    const kept = join(folder, "kept");
    if (existsSync(kept)) {
      rmSync(tokens, { recursive: true });
      cpSync(kept, tokens, { recursive: true });
    } else {
      cpSync(tokens, kept, { recursive: true });
    }
    const words = [
      "server",
      "--provider",
      SOFTHSM,
      "-f",
      "-n",
      this.socket,
      `pkcs11:token=${token}`,
    ];
    this.#child = spawn("p11-kit", words, {
      ...{ env: this.#hsm.env, detached: true, stdio: ["ignore", "pipe", "ignore"] },
    });
    await once(this.#child.stdout as NodeJS.ReadableStream, "data"); // the address, once it listens
  }

  /** Kills it, with the process that each connection has. */
  async kill(): Promise<void> {
    if (this.#child === null) return;
    const ended = once(this.#child, "close");
    process.kill(-(this.#child.pid ?? 0), "SIGKILL");
    await ended;
    this.#child = null;
  }
}
