import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { usePlugin } from "../../../adapters/node/age_plugins.ts";
import { openSecrets } from "../../../adapters/node/mod.ts";
import type { SecretBuffer, Secrets } from "../../../core/mod.ts";
import type { PluginOptions, PluginWrapper } from "../../../features/age_plugins/types.ts";
import { bech32Encode, bech32Length } from "../../../features/envelopes/bech32.ts";
import { type Envelopes, openEnvelopes } from "../../../features/envelopes/mod.ts";
import { writePlugin } from "./write_plugin.ts";

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

export function bech32(prefix: string): string {
  const text = new Uint8Array(bech32Length(prefix, 8));
  bech32Encode(prefix, new Uint8Array(8).fill(7), text);
  return Buffer.from(text).toString();
}

export const RECIPIENT: string = bech32("age1lethetest");
export const IDENTITY: string = bech32("AGE-PLUGIN-LETHETEST-");

/** A folder of plugins, and what a test makes with them. */
export class PluginStage {
  readonly secrets: Secrets = openSecrets({ memory: "heap" });
  readonly envelopes: Envelopes = openEnvelopes(this.secrets);
  readonly #own: { destroy(): void }[] = [];
  #folder: string | null = null;

  /** Made when it is first asked for: where all tests are skipped, nothing would remove it. */
  get folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), "lethe-plugins-"));
    return this.#folder;
  }

  readonly plugin = (way: string): string => writePlugin(this.folder, way);

  /** The plugin by the book, which notes each start in a file. */
  counting(trace: string): string {
    const path = join(this.folder, "age-plugin-lethetest-counting");
    writeFileSync(path, `#!/bin/sh\necho started >> '${trace}'; exec '${this.plugin("")}' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  readonly use = (way: string, more: Partial<PluginOptions> = {}): PluginWrapper => {
    const keys = { recipient: RECIPIENT, identity: bytes(IDENTITY) };
    return this.own(usePlugin(this.secrets, { program: this.plugin(way), ...keys, ...more }));
  };

  readonly own = <T extends { destroy(): void }>(one: T): T => {
    this.#own.push(one);
    return one;
  };

  readonly textOf = (secret: SecretBuffer): string =>
    this.own(secret).expose((view) => Buffer.from(view).toString());

  /** A failure of the plugin, which leaves no secret. */
  readonly expectFailure = async (call: () => Promise<unknown>, message: RegExp): Promise<void> => {
    const before = this.secrets.stats.live;
    await expect(call()).rejects.toMatchObject({
      code: "ERR_LETHE_WRAPPER",
      message: expect.stringMatching(message),
    });
    expect(this.secrets.stats.live).toBe(before);
  };

  /**
   * Ends what a test itself made: nothing else is then left. A secret that was dropped would be counted until it is
   * collected, in the middle of some later test.
   */
  endTest(): void {
    for (const one of this.#own.splice(0)) one.destroy();
    expect(this.secrets.stats.live).toBe(0);
  }

  remove(): void {
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true });
  }
}
