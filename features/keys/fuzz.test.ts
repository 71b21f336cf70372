import { Buffer } from "node:buffer";
import process from "node:process";
import { afterAll, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { LetheError } from "../../core/mod.ts";
import { mutator } from "../../testing/features/keys/mutate.ts";
import { makeNodeKeys } from "../../testing/features/keys/node_keys.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { SOAK } from "../../testing/tier.ts";
import {
  type FormatKeyOptions,
  formatKey,
  formatPublicKey,
  type PrivateKey,
  parseKey,
  parsePublicKey,
} from "./mod.ts";

/** Of each form. A day's thousand is over all of them. */
const ROUNDS = SOAK ? 100_000 : 30;

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());
const passphrase = secrets.move(copy(Buffer.from("correct horse")));
const mostCost = { pbkdf2Iterations: 1000, scryptMemoryBytes: 1 << 20, bcryptRounds: 1 };

/** The `kid` of one of two keys. */
const ID = copy(Buffer.from("mine"));

interface Original {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The label that is put around what was mutated, every second time. */
  readonly label?: string;
  readonly encrypted?: true;
}

const CODES: ReadonlySet<string> = new Set(
  ["KEY_FORMAT", "KEY_DAMAGED", "KEY_PASSPHRASE", "KEY_INVALID", "KEY_COST", "UNSUPPORTED"].map(
    (name) => `ERR_LETHE_${name}`,
  ),
);

/** The bytes of each form; of a text, those that it stands for. */
function originals(): readonly Original[] {
  const { ed25519, p256, rsa } = makeNodeKeys();
  const held = (object: typeof rsa): PrivateKey =>
    parseKey(secrets, copy(object.export({ type: "pkcs8", format: "der" })));
  const [key, ec, large] = [held(ed25519), held(p256), held(rsa)];
  const write = (of: PrivateKey, options: FormatKeyOptions): Uint8Array<ArrayBuffer> =>
    formatKey(secrets, of, options).expose((bytes) => copy(Buffer.from(bytes)));
  const inside = (pem: Uint8Array): Uint8Array<ArrayBuffer> =>
    copy(
      Buffer.from(
        Buffer.from(pem)
          .toString()
          .replace(/-----.*-----/g, ""),
        "base64",
      ),
    );
  const ssh = (of: PrivateKey, options: Partial<FormatKeyOptions> = {}): Uint8Array<ArrayBuffer> =>
    inside(write(of, { format: "openssh", ...options }));
  const sealed = { format: "pkcs8", passphrase, cost: 1000 } as const;
  const scrypt = { ...sealed, derivation: "scrypt", cost: 1024, cipher: "aes-256-gcm" } as const;
  const openssh = "OPENSSH PRIVATE KEY";
  return [
    { name: "pkcs8 ed25519", bytes: write(key, { format: "pkcs8" }), label: "PRIVATE KEY" },
    { name: "pkcs8 p256", bytes: write(ec, { format: "pkcs8" }), label: "PRIVATE KEY" },
    { name: "pkcs8 rsa", bytes: write(large, { format: "pkcs8" }), label: "PRIVATE KEY" },
    { name: "pem text", bytes: write(key, { format: "pkcs8-pem" }) },
    {
      name: "sec1",
      bytes: copy(p256.export({ type: "sec1", format: "der" })),
      label: "EC PRIVATE KEY",
    },
    {
      name: "pkcs1",
      bytes: copy(rsa.export({ type: "pkcs1", format: "der" })),
      label: "RSA PRIVATE KEY",
    },
    { name: "pbkdf2", bytes: write(key, sealed), label: "ENCRYPTED PRIVATE KEY", encrypted: true },
    { name: "scrypt", bytes: write(key, scrypt), label: "ENCRYPTED PRIVATE KEY", encrypted: true },
    { name: "openssh ed25519", bytes: ssh(key), label: openssh },
    { name: "openssh p256", bytes: ssh(ec), label: openssh },
    { name: "openssh rsa", bytes: ssh(large), label: openssh },
    {
      name: "openssh sealed",
      bytes: ssh(key, { passphrase, cost: 1 }),
      label: openssh,
      encrypted: true,
    },
    { name: "jwk ed25519", bytes: write(key, { format: "jwk" }) },
    { name: "jwk p256", bytes: write(ec, { format: "jwk" }) },
    { name: "jwk rsa", bytes: write(large, { format: "jwk" }) },
    {
      name: "jwks",
      bytes: jwks(write(key, { format: "jwk", comment: ID }), write(ec, { format: "jwk" })),
    },
  ];
}

function jwks(...keys: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return copy(
    Buffer.from(`{"x":[[1,{"y":null}]],"keys":[${keys.map((key) => Buffer.from(key))}]}`),
  );
}

function wrap(bytes: Uint8Array, label: string): Uint8Array<ArrayBuffer> {
  const body = Buffer.from(bytes).toString("base64");
  return copy(Buffer.from(`-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`));
}

/**
 * What is held behind a collection. Resident pages also count the garbage of the mutations. A thread frees buffers after a
 * collection, and the next waits for it.
 */
function heldBytes(): number {
  for (let count = 0; count < 2; count++) (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ORIGINALS = originals();

it.each(ORIGINALS)(
  `${ROUNDS} mutated files of $name: a typed error or a key, within the bounds`,
  { timeout: 7_200_000 },
  ({ name, bytes, label, encrypted }) => {
    const mutate = mutator(20_261_126 + name.length, bytes);
    const outcomes: Record<string, number> = {};
    // A public point takes time to compute.
    const rounds = !SOAK && (name.endsWith("p256") || name === "sec1") ? 10 : ROUNDS;
    const live = secrets.stats.live;
    let [slowest, held] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      if (round === rounds >> 1) held = heldBytes();
      const mutated = mutate();
      if (mutated.length === 0) continue;
      const inPem = round % 2 === 1 || name.startsWith("openssh"); // that one is nowhere without
      const given = label !== undefined && inPem ? wrap(mutated, label) : copy(mutated);
      const start = process.cpuUsage();
      let outcome = "a key";
      try {
        parseKey(secrets, given, {
          mostCost,
          ...(encrypted ? { passphrase } : {}),
          ...(name === "jwks" ? { keyId: ID } : {}),
        }).secretKey.destroy();
      } catch (error) {
        if (!(error instanceof LetheError)) throw error;
        outcome = error.code;
      }
      slowest = Math.max(slowest, process.cpuUsage(start).user / 1000);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    expect(Object.keys(outcomes).filter((code) => code !== "a key" && !CODES.has(code))).toEqual(
      [],
    );
    expect(Object.keys(outcomes).length).toBeGreaterThan(1); // they do not all end at the same place
    expect(secrets.stats.live).toBe(live);
    expect(heldBytes() - held).toBeLessThan(16 * 2 ** 20);
    expect(slowest).toBeLessThan(2_000);
    if (SOAK)
      process.stdout.write(`${JSON.stringify({ name, outcomes, slowest: Math.round(slowest) })}\n`);
  },
);

it(`${ROUNDS} mutated public keys of each form: a typed error or a key`, {
  timeout: 7_200_000,
}, () => {
  const { ed25519, p256, rsa } = makeNodeKeys();
  for (const object of [ed25519, p256, rsa]) {
    const key = parseKey(secrets, copy(object.export({ type: "pkcs8", format: "der" })));
    for (const format of ["spki", "spki-pem", "openssh", "jwk"] as const) {
      const mutate = mutator(format.length, formatPublicKey(key, { format }));
      for (let round = 0; round < ROUNDS >> 2; round++) {
        try {
          parsePublicKey(copy(mutate()));
        } catch (error) {
          if (!(error instanceof LetheError) || !CODES.has(error.code)) throw error;
        }
      }
    }
    key.secretKey.destroy();
  }
});
