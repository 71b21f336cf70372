import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { expectNoResidue } from "../../conformance/mod.ts";
import { bytes, PluginStage } from "../../testing/features/age_plugins/plugin_stage.ts";
import { RUNTIMES, startWaiting } from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";
import { bech32Encode, bech32Length } from "../envelopes/bech32.ts";
import { parseHeader } from "../envelopes/header.ts";

const stage = new PluginStage();
const { plugin } = stage;
afterAll(() => stage.remove());

/** Memory that a scan can read. */
const SUBJECTS = [
  ["node", "sodium"],
  ["deno", "pages"],
  ["bun", "pages"],
] as const;

describe.skipIf(!SOAK || process.platform !== "linux")("residue", { timeout: 300_000 }, () => {
  it.each(SUBJECTS)(
    "on %s, %s memory: no file key, identity, PIN or payload is left",
    async (runtime, memory) => {
      const place = mkdtempSync(join(stage.folder, `${runtime}-`));
      const [pin, payload, leaky] = [bytes("1234-5678-9012"), randomBytes(64), randomBytes(32)];
      const data = randomBytes(24);
      const identity = new Uint8Array(bech32Length("AGE-PLUGIN-LETHETEST-", 24));
      bech32Encode("AGE-PLUGIN-LETHETEST-", data, identity);
      for (const [name, content] of Object.entries({ pin, payload, leaky, identity })) {
        writeFileSync(join(place, name), content, { mode: 0o600 });
      }
      const program = resolve("testing/features/age_plugins/probe.ts");
      const [file = "", ...words] = RUNTIMES[runtime] ?? [];
      const allowed = runtime === "deno" ? ["--allow-run", "--allow-sys", "--allow-env"] : [];
      const command = [file, ...words, ...allowed, program, runtime, memory, plugin("pin"), place];
      const target = await startWaiting<{ made: readonly string[] }>(command);
      try {
        expect(target.said).toMatchObject({ memory, live: 0 });
        const needles = [
          { label: "payload", bytes: new Uint8Array(payload) },
          { label: "PIN", bytes: pin },
          { label: "identity as text", bytes: identity.slice(21) },
          { label: "identity", bytes: new Uint8Array(data) },
        ];
        for (const name of target.said.made) {
          const { stanzas } = parseHeader(new Uint8Array(readFileSync(join(place, name))));
          const body = stanzas[0]?.body ?? new Uint8Array(48);
          const key = body.slice(32).map((byte, at) => byte ^ 0x5a ^ (body[at] as number));
          needles.push({ label: `file key of ${name}`, bytes: key });
          const text = Buffer.from(key).toString("base64").slice(0, 22);
          needles.push({ label: `its base64`, bytes: bytes(text) });
        }
        const witness = { label: "leaky", bytes: new Uint8Array(leaky) };
        expectNoResidue({ pid: target.pid, needle: needles, witness });
      } finally {
        await target.stop();
      }
    },
  );
});
