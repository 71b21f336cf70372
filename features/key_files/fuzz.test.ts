import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, it } from "vitest";
import {
  type CryptoEngine,
  type KeyShape,
  LetheError,
  openSecrets,
  runtime,
  type SecretBuffer,
} from "../../adapters/node/mod.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import { mutator } from "../../testing/features/key_files/mutate.ts";
import { referenceSeal } from "../../testing/features/key_files/reference_seal.ts";
import { SOAK } from "../../testing/tier.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

const ROUNDS = !SOAK ? 2_000 : 100_000;
const MOST: Argon2Cost = { passes: 4, memoryBytes: 64 * 1024 };
const passphrase = new TextEncoder().encode("correct horse battery staple");

/** What is mutated, with what opens it. Their keys are not secrets. */
const ORIGINALS: readonly {
  readonly shape: KeyShape;
  readonly key: Uint8Array;
  readonly file: Uint8Array;
}[] = (
  [
    [32, 1, 32],
    [1, 1, 1],
    [500, 1, 500],
    ["ed25519", 2, 32],
    ["x25519", 3, 32],
  ] as const
).map(([shape, type, length], index) => {
  const key = Uint8Array.from({ length }, (_, at) => (at * 11 + index) & 255);
  const [salt, nonce] = [new Uint8Array(16).fill(index), new Uint8Array(24).fill(index + 1)];
  const file = referenceSeal({ type, passes: 1, memoryKiB: 8, salt, nonce, key, passphrase });
  return { shape, key, file };
});

const CODES: ReadonlySet<string> = new Set(
  ["FORMAT", "DAMAGED", "COST", "PASSPHRASE", "SIZE"].map((name) => `ERR_LETHE_KEY_${name}`),
);

it(`${ROUNDS} mutated files: a typed error or the key that was put in, within the bounds`, {
  timeout: 1_800_000,
}, () => {
  const directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
  const path = join(directory, "key");
  let [largest, longest, slowest] = [0, 0, 0];
  const bounded = {
    ...runtime,
    engines: (runtime.engines ?? []).map(({ name, open }) => ({
      name,
      open: (): CryptoEngine => {
        const engine = open();
        return {
          ...engine,
          argon2id(hash, password, salt, passes, memoryBytes) {
            largest = Math.max(largest, memoryBytes);
            longest = Math.max(longest, passes * memoryBytes);
            engine.argon2id(hash, password, salt, passes, memoryBytes);
          },
        };
      },
    })),
  };
  const secrets = openSecrets();
  const phrase = secrets.move(Uint8Array.from(passphrase));
  const keys = keyFilesOpener(bounded, nodeCalls)(secrets, { onMisuse: "throw", mostCost: MOST });
  const mutate = mutator(
    20_261_122,
    ORIGINALS.map(({ file }) => file),
  );
  const outcomes: Record<string, number> = {};
  let resident = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const { shape, key } = ORIGINALS[round % ORIGINALS.length] as (typeof ORIGINALS)[number];
      put(path, mutate(round % ORIGINALS.length));
      const start = performance.now();
      let outcome: string;
      try {
        const read = keys.read(path, shape, { passphrase: phrase });
        expect(same("secretKey" in read ? read.secretKey : read, key), "never a wrong key").toBe(
          true,
        );
        keys.destroy(read);
        outcome = "the key";
      } catch (error) {
        if (!(error instanceof LetheError)) throw error;
        outcome = error.code;
      }
      slowest = Math.max(slowest, performance.now() - start);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (round === ROUNDS >> 1) resident = process.memoryUsage.rss();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  expect(Object.keys(outcomes).filter((code) => code !== "the key" && !CODES.has(code))).toEqual(
    [],
  );
  // Each of them was met: the mutations reach every layer.
  expect(Object.keys(outcomes).length).toBe(CODES.size + 1);
  expect(largest).toBeLessThanOrEqual(MOST.memoryBytes);
  expect(longest).toBeLessThanOrEqual(MOST.passes * MOST.memoryBytes);
  expect(process.memoryUsage.rss() - resident).toBeLessThan(64 * 2 ** 20);
  expect(slowest).toBeLessThan(2_000);
  expect(secrets.stats.live).toBe(1);
  secrets.purge();
  process.stdout.write(`${JSON.stringify({ outcomes, largest, slowest: Math.round(slowest) })}\n`);
});

function put(path: string, file: Uint8Array): void {
  const descriptor = openSync(path, "w", 0o600);
  if (file.length > 0) writeSync(descriptor, file);
  closeSync(descriptor);
}

function same(secret: SecretBuffer, key: Uint8Array): boolean {
  return secret.expose((bytes) => key.every((byte, index) => bytes[index] === byte));
}
