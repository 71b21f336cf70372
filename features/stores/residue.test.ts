import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { derivedNeedle, expectNoResidue } from "../../conformance/mod.ts";
import { startWaiting, type Waiting } from "../../testing/features/key_files/children.ts";
import { RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { EtcdCluster, NO_ETCD } from "../../testing/features/stores/etcd.ts";
import { SOAK } from "../../testing/tier.ts";
import { bech32Encode, bech32Length } from "../envelopes/bech32.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { openEtcdStore, openStoredSecrets } from "./mod.ts";

const SUBJECTS = ["node-22", "node-24", "node-26", "deno", "bun"].filter((name) =>
  existsSync(RUNTIMES[name]?.[0] ?? ""),
);
const [key, user, password, witness] = ["identity", "user", "password", "a witness"].map(
  (label, at) => derivedNeedle(401 + at, at === 0 ? 32 : 48, label),
) as [Needle, Needle, Needle, Needle];
type Needle = ReturnType<typeof derivedNeedle>;

const text = new Uint8Array(bech32Length("AGE-SECRET-KEY-", 32));
bech32Encode("AGE-SECRET-KEY-", key.bytes, text);
const NEEDLES: readonly Needle[] = [
  key,
  user,
  password,
  { label: "identity as text", bytes: text.slice(16) },
  {
    label: "password as base64",
    bytes: Buffer.from(Buffer.from(password.bytes).toString("base64")),
  },
];

describe.skipIf(!SOAK || NO_ETCD !== null)(`residue of stores (${NO_ETCD ?? "etcd"})`, () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-stores-"));
  let cluster: EtcdCluster;

  beforeAll(async () => {
    cluster = await EtcdCluster.start({ servers: 1 });
    const secrets = openSecrets({ memory: "heap" });
    const envelopes = openEnvelopes(secrets);
    for (const [name, bytes] of [
      ["identity", Buffer.concat([text, Buffer.from("\n")])],
      ["witness", witness.bytes],
    ] as const) {
      writeFileSync(join(directory, name), bytes, { mode: 0o600 });
    }
    const [identity] = envelopes.parseIdentities(Uint8Array.from(text));
    const store = openEtcdStore({ endpoints: cluster.endpoints, timeout: 20_000 });
    const stored = openStoredSecrets(secrets, store);
    const fields = [
      ["user", secrets.adopt(user.bytes)],
      ["password", secrets.adopt(password.bytes)],
    ] as const;
    await stored.publish("db", fields, identity === undefined ? [] : [identity]);
    await stored.publish("foreign", fields, [envelopes.createIdentity()]);
  }, 60_000);
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  it.each(SUBJECTS)("is none on %s", { timeout: 120_000 }, async (runtime) => {
    const [file = "", ...words] = RUNTIMES[runtime] ?? [];
    const flags = runtime.startsWith("node") ? ["--no-warnings", "--expose-gc"] : [];
    const program = "testing/features/stores/residue_probe.ts";
    const [endpoint = ""] = cluster.endpoints;
    const target: Waiting<unknown> = await startWaiting([
      ...[file, ...flags, ...words, program, directory, endpoint],
    ]);
    try {
      expect(target.said).toEqual({ live: 0, refused: "ERR_LETHE_SOURCE_DENIED" });
      expectNoResidue({ pid: target.pid, needle: [...NEEDLES], witness });
    } finally {
      await target.stop();
    }
  });
});
