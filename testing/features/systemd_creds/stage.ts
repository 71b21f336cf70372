import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "vitest";
import { openSecrets } from "../../../adapters/node/mod.ts";
import { useSystemdCreds } from "../../../adapters/node/systemd_creds.ts";
import type { KeyWrapper } from "../../../core/contract/key_wrapper.ts";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";
import { type Envelopes, openEnvelopes } from "../../../features/envelopes/mod.ts";
import type { SystemdCredsOptions } from "../../../features/systemd_creds/types.ts";

export const SYSTEMD_CREDS = "/usr/bin/systemd-creds";

/** Why it is not here, or null. */
export const noSystemdCreds: string | null =
  process.platform !== "linux"
    ? "Linux is missing"
    : existsSync(SYSTEMD_CREDS)
      ? null
      : "systemd-creds is missing";

/** Programs in a folder of one test: systemd-creds with the key of another host, and what does not do as it does. */
export class CredsStage {
  readonly secrets: Secrets = openSecrets({ memory: "heap" });
  readonly envelopes: Envelopes = openEnvelopes(this.secrets);
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-creds-"));

  /** systemd-creds of a host whose key is a file of this folder, and not the one of this machine; and a bus, for its TPM. */
  host(name: string = "here", bus: string = ""): string {
    const secret = `SYSTEMD_CREDENTIAL_SECRET='${join(this.folder, `secret.${name}`)}'`;
    const variables = `${secret} DBUS_SESSION_BUS_ADDRESS='${bus}'`;
    return this.program(`host.${name}`, `${variables} exec ${SYSTEMD_CREDS} "$@"`);
  }

  /** A program of the shell. */
  program(name: string, script: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  readonly use = (program: string, more: Partial<SystemdCredsOptions> = {}): KeyWrapper =>
    useSystemdCreds(this.secrets, { name: "backup", key: "host", program, ...more });

  readonly land = (length: number, fill: (page: Uint8Array<ArrayBuffer>) => void): SecretBuffer =>
    this.secrets.land(length, fill);

  /** What systemd-creds itself says, as a person would call it. */
  byHand(words: readonly string[], input: Uint8Array, host: string = "here"): Buffer {
    return execFileSync(this.host(host), words, { input, stdio: ["pipe", "pipe", "ignore"] });
  }

  readonly expectFailure = async (
    call: () => unknown,
    message: RegExp,
    code: string = "ERR_LETHE_WRAPPER",
  ): Promise<void> => {
    const before = this.secrets.stats.live;
    await expect((async () => await call())()).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(this.secrets.stats.live).toBe(before);
  };

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
