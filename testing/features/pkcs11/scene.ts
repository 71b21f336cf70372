import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { INSTALLED } from "../prompt/pty.ts";
import type { Job } from "./probe.ts";
import { SoftHsm } from "./softhsm.ts";

export const EVERY: readonly string[] = [...INSTALLED, "node-26 by node:ffi"];
export const ONE_EACH: readonly string[] = ["node-24", "deno", "bun"];
/** The file key is derived from it, and the witness from the next one. */
export const SEED = 7801;

/** A token with two RSA keys, `envelopes` (01) and `others` (02), and jobs for it. */
export class Scene {
  readonly hsm: SoftHsm = new SoftHsm();
  readonly pin: string = randomBytes(15).toString("base64url");
  /** The variables of a program that uses it, as env(1) takes them. */
  readonly env: readonly string[] = [`SOFTHSM2_CONF=${this.hsm.env["SOFTHSM2_CONF"]}`];

  constructor() {
    this.hsm.addToken("lethe", this.pin);
    this.hsm.addKey("lethe", this.pin, "rsa:2048", "envelopes", "01");
    this.hsm.addKey("lethe", this.pin, "rsa:2048", "others", "02");
    this.write("pin", this.pin);
  }

  /** Writes a file of its folder. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.hsm.folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  job(does: Job["does"], object: string, more: Partial<Job> = {}): Job {
    return {
      ...{ memory: "pages", does, uri: this.hsm.uri("lethe", object) },
      ...{ pin: join(this.hsm.folder, "pin"), hash: "sha1", seed: SEED, ...more },
    };
  }

  stop(): void {
    this.hsm.stop();
  }
}
