import { spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Needle, scanProcess } from "../../conformance/mod.ts";
import { startWaiting } from "../../testing/features/key_files/children.ts";
import { Services } from "../../testing/features/key_services/services.ts";
import { INSTALLED, ROOT, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";
import { bech32Encode, bech32Length } from "../envelopes/bech32.ts";

const CONFORMANCE = `${ROOT}testing/features/key_services/conformance_probe.ts`;

/** Keys of the double that it goes wrong with. */
const TROUBLES = ["hang", "half", "reset", "redirect", "long", "text"] as const;

/** What a program writes, and where it went wrong. */
async function outputOf(command: readonly string[]): Promise<string> {
  const [file = "", ...words] = command;
  const child = spawn(file, words, { cwd: ROOT, env: { ...process.env, NO_COLOR: "1" } });
  let [out, faults] = ["", ""];
  child.stdout.on("data", (piece) => {
    out += piece;
  });
  child.stderr.on("data", (piece) => {
    faults += piece;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return out === "" ? faults : out;
}

describe.skipIf(!SOAK)("key services in each runtime", () => {
  let services: Services;
  beforeAll(async () => {
    services = await Services.start();
    const { vault } = services;
    for (const key of TROUBLES) vault.addKey(key);
    vault.troubleOf = ({ path }) =>
      TROUBLES.find((trouble) => path.endsWith(`/encrypt/${trouble}`)) ?? null;
  });
  afterAll(() => services.stop());

  it.each(INSTALLED)("keep the rules of wrappers on %s", { timeout: 120_000 }, async (runtime) => {
    const output = await outputOf([...(RUNTIMES[runtime] ?? []), CONFORMANCE, services.folder]);
    expect(JSON.parse(output)).toEqual({
      transit: [],
      "AWS KMS": [],
      "Google Cloud KMS": [],
      hang: "timeout null",
      half: "unreachable null",
      reset: "unreachable null",
      redirect: "malformed 307",
      long: "malformed 200",
      text: "malformed 200",
    });
  });

  it.skipIf(!INSTALLED.includes("deno"))(
    "say on Deno which permission they need, and send nothing",
    { timeout: 60_000 },
    async () => {
      const requests = (): number =>
        [services.vault, services.aws, services.gcp].reduce((sum, one) => sum + one.came.length, 0);
      const before = requests();
      const [deno = ""] = RUNTIMES["deno"] ?? [];
      const flags = ["--allow-read", "--allow-env", "--allow-ffi", "--no-check", "--no-prompt"];
      const output = await outputOf([deno, "run", ...flags, CONFORMANCE, services.folder]);
      const host = services.vault.address.replace("http://", "");
      const needed = `unreachable null: it needs --allow-net=${host}; start Deno with it`;
      const expected = Object.fromEntries(TROUBLES.map((key) => [key, needed]));
      expect(JSON.parse(output)).toMatchObject(expected);
      expect(requests()).toBe(before);
    },
  );
});

const RESIDUE = `${ROOT}testing/features/key_services/residue_probe.ts`;
const ROUNDS = 5;
/** Of each service: it wraps, unwraps and is refused in each round. */
const REQUESTS: number = 3 * ROUNDS;
const MEMORY: Readonly<Record<string, string>> = { deno: "pages", bun: "pages" };

/** The keys that a signature is made with, of the days on which the test may run. */
function signingKeys(secretKey: string, region: string): readonly Needle[] {
  return [0, 1].flatMap((days) => {
    const day = new Date(Date.now() + days * 3_600_000)
      .toISOString()
      .slice(0, 10)
      .replaceAll("-", "");
    let key: Buffer | string = `AWS4${secretKey}`;
    return [day, region, "kms", "aws4_request"].map((step) => {
      key = createHmac("sha256", key).update(step).digest();
      return { label: `signing key ${step}`, bytes: new Uint8Array(key) };
    });
  });
}

describe.skipIf(!SOAK || process.platform !== "linux")("residue of key services", () => {
  let services: Services;
  let needles: readonly Needle[] = [];
  const tokens = (): readonly Needle[] =>
    (
      [
        ["Vault token", services.vault.token],
        ["Google token", services.gcp.token],
        ["session token", services.sessionToken],
      ] as const
    ).map(([label, text]) => ({ label, bytes: new Uint8Array(Buffer.from(text)) }));
  const [fileKey, identity, leaky] = [16, 32, 32].map(
    (length) => new Uint8Array(randomBytes(length)),
  ) as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];

  beforeAll(async () => {
    services = await Services.start();
    const { aws, folder } = services;
    const text = new Uint8Array(bech32Length("AGE-SECRET-KEY-", 32));
    bech32Encode("AGE-SECRET-KEY-", identity, text);
    for (const [name, bytes] of [
      ["file-key", fileKey],
      ["identity", text],
      ["leaky", leaky],
    ] as const) {
      writeFileSync(join(folder, name), bytes, { mode: 0o600 });
    }
    const secretKey = aws.signer.secretAccessKey;
    needles = [
      { label: "file key", bytes: fileKey },
      { label: "identity", bytes: identity },
      { label: "secret access key", bytes: new Uint8Array(Buffer.from(secretKey)) },
      ...signingKeys(secretKey, aws.region),
    ];
  });
  afterAll(() => services.stop());

  it.each(INSTALLED)(
    "on %s is none of file keys, identities, the secret key of AWS and what is derived of it",
    { timeout: 120_000 },
    async (runtime) => {
      const [file = "", ...words] = RUNTIMES[runtime] ?? [];
      const flags = runtime.startsWith("node") ? ["--no-warnings", "--expose-gc"] : [];
      const memory = MEMORY[runtime] ?? "sodium";
      const [adapter = ""] = runtime.split("-");
      const command = [
        file,
        ...flags,
        ...words,
        RESIDUE,
        adapter,
        memory,
        services.folder,
        `${ROUNDS}`,
      ];
      const target = await startWaiting<object>(command);
      try {
        expect(target.said).toEqual({
          memory,
          live: 0,
          codes: ["ERR_LETHE_DESTROYED", "ERR_LETHE_WRAPPER"],
        });
        const witness = { label: "witness", bytes: leaky };
        const report = scanProcess(target.pid, [...needles, ...tokens(), witness]);
        if (report.outcome !== "scanned") throw new Error(report.reason);
        const count = (label: string): number =>
          report.findings.filter(({ needle }) => needle === label).length;
        expect(count("witness")).toBeGreaterThan(0);
        expect(needles.map(({ label }) => [label, count(label)])).toEqual(
          needles.map(({ label }) => [label, 0]),
        );
        // Declared: a header is a string, and fetch copies it, at most four times a request here.
        for (const { label } of tokens()) {
          expect([label, Math.ceil(count(label) / REQUESTS)]).toEqual([
            label,
            expect.toBeOneOf([1, 2, 3, 4]),
          ]);
        }
      } finally {
        await target.stop();
      }
    },
  );
});
