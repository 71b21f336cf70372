/** A key of a software TPM (swtpm), behind tpm2-pkcs11: RSA-OAEP with SHA-256, and a PIN that the TPM itself locks. */
import { publicEncrypt, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle } from "../../conformance/mod.ts";
import { leftBy, STATES } from "../../testing/features/pkcs11/left_by.ts";
import type { Job } from "../../testing/features/pkcs11/probe.ts";
import { runProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { noTpm, SoftwareTpm, TPM_MODULE } from "../../testing/features/pkcs11/tpm.ts";
import { SOAK } from "../../testing/tier.ts";

const PIN = randomBytes(12).toString("base64url");
const SEED = 7901;
const SHA256 = ["-m", "RSA-PKCS-OAEP", "--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256"];
const why = noTpm === null ? "" : `NOT RUN, ${noTpm} is missing: `;

describe.skipIf(noTpm !== null || !SOAK)(`${why}a key of a TPM`, { timeout: 300_000 }, () => {
  let tpm: SoftwareTpm;
  beforeAll(async () => {
    tpm = await SoftwareTpm.start();
    for (const key of ["envelopes"]) tpm.addToken("lethe", PIN, key);
    tpm.run("tpm2_ptool", [
      ...["addkey", "--algorithm=rsa2048", "--label=lethe", `--userpin=${PIN}`],
      "--key-label=others",
    ]);
    writeFileSync(join(tpm.folder, "pin"), PIN, { mode: 0o600 });
    writeFileSync(join(tpm.folder, "wrong"), "a-wrong-pin", { mode: 0o600 });
  }, 120_000);
  afterAll(async () => await tpm?.stop());

  const uri = (object: string): string =>
    `pkcs11:token=lethe;object=${object}?module-path=${TPM_MODULE}`;
  const job = (does: Job["does"], more: Partial<Job> = {}): Job => ({
    ...{ memory: "pages", does, uri: uri("envelopes"), pin: join(tpm.folder, "pin") },
    ...{ seed: SEED, ...more },
  });

  it.each(["node-24", "deno", "bun"])("follows the rules of wrappers on %s", async (runtime) => {
    const conform = job("conform", { other: uri("others") });
    const said = await runProbe(runtime, tpm.variables, conform);
    expect(said).toMatchObject({ outcome: [], live: 0 });
  });

  it("is that of pkcs11-tool and OpenSSL, both ways", async () => {
    const body = join(tpm.folder, "body");
    const key = Buffer.from(derivedNeedle(SEED, 16).bytes);
    const { outcome } = await runProbe("node-24", tpm.variables, job("wrap", { body }));
    expect(outcome).toMatchObject(["lethe/pkcs11", "rsa-oaep-sha256", expect.any(String)]);
    const list = tpm.tool("lethe", PIN, ["--list-objects", "--type", "privkey"]).toString();
    const id = /label:\s+envelopes\s+ID:\s+(\w+)/.exec(list)?.[1] ?? "";
    const plain = join(tpm.folder, "plain");
    const decrypt = ["--decrypt", ...SHA256, "--id", id, "--output-file", plain];
    tpm.tool("lethe", PIN, decrypt, readFileSync(body));
    expect(readFileSync(plain)).toEqual(key);
    const read = ["--read-object", "--type", "pubkey", "--id", id, "--output-file", `${body}.der`];
    tpm.tool("lethe", PIN, read);
    const der = { key: readFileSync(`${body}.der`), format: "der", type: "spki" } as const;
    writeFileSync(body, publicEncrypt({ ...der, oaepHash: "sha256" } as never, key));
    const unwrap = job("unwrap", { body, args: outcome as never });
    expect((await runProbe("node-24", tpm.variables, unwrap)).outcome).toBe(true);
  });

  it.each(STATES)(
    "leaves file keys in this process, which is declared: %s, %s",
    async (does, memory) => {
      const left = await leftBy("node-24", tpm.variables, job(does, { memory }), PIN);
      expect(left).toMatchObject({ pin: 0, memory });
      expect(left.key).toBeGreaterThan(0); // no claim that tpm2-pkcs11 leaves less
    },
  );

  it.each(STATES)(
    "leaves none in this process where its module is in another one: %s, %s",
    async (does, memory) => {
      const isolated = tpm.variables.map((line) => line.replace(/=.*/s, ""));
      const given = job(does, { memory, isolated });
      const left = await leftBy("node-24", tpm.variables, given, PIN);
      expect(left).toEqual({ key: 0, pin: 0, memory });
    },
  );

  it("that locks its PIN says so, after each wrong one was tried once", async () => {
    tpm.run("tpm2_dictionarylockout", [
      ...["--setup-parameters", "--max-tries=3", "--recovery-time=1000"],
      "--lockout-recovery-time=1000",
    ]);
    const pins = ["wrong", "wrong", "wrong", "pin"].map((name) => join(tpm.folder, name));
    const { outcome } = await runProbe("node-24", tpm.variables, job("rounds", { pins }));
    expect(outcome).toEqual([
      ...Array(3).fill(["CKR_PIN_INCORRECT", "unknown"]),
      ["CKR_PIN_LOCKED", "none"],
    ]);
  });
});
