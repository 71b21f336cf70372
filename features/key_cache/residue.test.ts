import { spawnSync } from "node:child_process";
import * as node from "node:crypto";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { RUNTIMES } from "../../testing/features/key_files/children.ts";
import { ScannedFolder, SUBJECTS } from "../../testing/features/residue/scanned.ts";
import { SOAK } from "../../testing/tier.ts";
import { openEnvelopes } from "../envelopes/mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
let folder: ScannedFolder;

async function prepare(): Promise<void> {
  const identity = envelopes.createIdentity();
  envelopes.formatIdentity(identity).expose((bytes) => folder.put("identity", bytes as Uint8Array));
  for (let count = 0; count < 5; count++) {
    const fileKeys: Uint8Array[] = [];
    const noting = {
      name: "noting",
      version: null,
      residue: null,
      wrap(fileKey: Parameters<typeof identity.wrap>[0]) {
        fileKeys.push(fileKey.expose((bytes) => Uint8Array.from(bytes)));
        return identity.wrap(fileKey);
      },
    };
    const payload = new Uint8Array(node.randomBytes(64));
    folder.add(`payload ${count}`, payload);
    folder.put(`sealed.${count}`, await envelopes.seal(payload, [noting]));
    for (const fileKey of fileKeys) folder.add(`file key ${count}`, fileKey);
  }
}

describe.skipIf(!SOAK || process.platform !== "linux")("residue of a cache", () => {
  beforeAll(async () => {
    folder = new ScannedFolder("key-cache");
    await prepare();
  });
  afterAll(() => folder.remove());

  const cases = SUBJECTS.flatMap(([runtime, memory]) => [
    [runtime, memory, "kept", "3"] as const,
    [runtime, memory, "closed", "0"] as const,
  ]);
  it.each(cases)(
    "CACHE-5: on %s, %s memory, keys %s: no file key is in the clear between uses, nor after close()",
    { timeout: 300_000 },
    async (runtime, memory, how, kept) => {
      const probe = {
        program: PROGRAM,
        subject: [runtime, memory],
        words: [how],
        codes: [],
      } as const;
      await folder.scan(probe, () => {
        expect(readFileSync(`${folder.path}/kept`, "latin1")).toBe(kept);
        return folder.needles;
      });
    },
  );

  it.each([...new Set(SUBJECTS.map(([runtime]) => runtime))])(
    "on %s, a process ends although keys are kept",
    { timeout: 120_000 },
    (runtime) => {
      const [file = "", ...flags] = RUNTIMES[runtime] ?? [];
      const words = [...flags, PROGRAM, runtime, "heap", folder.path, "ends"];
      const { status, stderr } = spawnSync(file, words, { timeout: 100_000, encoding: "utf8" });
      expect([status, stderr]).toEqual([0, expect.any(String)]);
      expect(readFileSync(`${folder.path}/kept`, "latin1")).toBe("3");
    },
  );
});

const PROGRAM = fileURLToPath(
  new URL("../../testing/features/key_cache/residue_probe.ts", import.meta.url),
);
