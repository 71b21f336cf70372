import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type CryptoEngine,
  type KeyFiles,
  type KeyShape,
  type Runtime,
  runtime,
  type SecretBuffer,
} from "../../adapters/node/mod.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import { secretsOpener } from "../../core/mod.ts";
import {
  type Ingredients,
  referenceSeal,
  withChecksum,
} from "../../testing/features/key_files/reference_seal.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

const DOCUMENT = new URL("../../docs/key_file_format.md", import.meta.url);
const TINY: Argon2Cost = { passes: 2, memoryBytes: 16 * 1024 };

let directory = "";
const path = (): string => join(directory, "key");
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
});
afterEach(() => {
  secrets.purge();
  rmSync(directory, { recursive: true });
});

/** What Argon2id was asked for, by a runtime whose engine tells. */
const asked: Argon2Cost[] = [];
/** The arrays into which commitments were computed. */
const commitments: Uint8Array[] = [];
const telling: Runtime = {
  ...runtime,
  engines: (runtime.engines ?? []).map(({ name, open }) => ({
    name,
    open: (): CryptoEngine => {
      const engine = open();
      return {
        ...engine,
        keyedHash(hash, message, key) {
          engine.keyedHash(hash, message, key);
          if (key.length > 0) commitments.push(hash);
        },
        argon2id(hash, password, salt, passes, memoryBytes) {
          asked.push({ passes, memoryBytes });
          engine.argon2id(hash, password, salt, passes, memoryBytes);
        },
      };
    },
  })),
};

const secrets = secretsOpener(telling)();

function open(mostCost?: Argon2Cost): KeyFiles {
  asked.length = 0;
  return keyFilesOpener(telling, nodeCalls)(secrets, {
    onMisuse: "throw",
    ...(mostCost === undefined ? {} : { mostCost }),
  });
}

function put(file: Uint8Array): void {
  rmSync(path(), { force: true });
  writeFileSync(path(), file);
  chmodSync(path(), 0o400);
}

const bytesOf = (secret: SecretBuffer, length: number): string =>
  secret.expose((bytes) => Buffer.from(bytes.subarray(0, length)).toString("hex"));
const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(text, "hex"));
const codeOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
  return "none";
};

/** The content of the key that the file at the path gives. */
function opened(keys: KeyFiles, shape: KeyShape, phrase: Uint8Array, length: number): string {
  const passphrase = secrets.move(Uint8Array.from(phrase));
  try {
    const key = keys.read(path(), shape, { passphrase });
    const text = bytesOf("secretKey" in key ? key.secretKey : key, length);
    keys.destroy(key);
    return text;
  } finally {
    passphrase.destroy();
  }
}

const SAMPLE: Ingredients = {
  type: 1,
  passes: 1,
  memoryKiB: 8,
  salt: new Uint8Array(16).fill(1),
  nonce: new Uint8Array(24).fill(2),
  key: Uint8Array.from({ length: 32 }, (_, index) => index * 7),
  passphrase: new TextEncoder().encode("a phrase"),
};
const KEY: string = Buffer.from(SAMPLE.key).toString("hex");

describe("the sealed format", () => {
  const [, json = ""] = /```json\n([\s\S]*?)```/.exec(readFileSync(DOCUMENT, "utf8")) ?? [];
  type Vector = Readonly<Record<"salt" | "nonce" | "passphrase" | "key" | "file", string>> &
    Readonly<Record<"type" | "passes" | "memoryKiB", number>>;
  const vectors = JSON.parse(json) as readonly Vector[];

  it("has three vectors", () => expect(vectors).toHaveLength(3));

  it.each(vectors)("opens the document's vector of type $type, $memoryKiB KiB", (vector) => {
    put(fromHex(vector.file));
    const length = vector.key.length / 2;
    const shape = vector.type === 1 ? length : "ed25519";
    expect(opened(open(), shape, fromHex(vector.passphrase), length)).toBe(vector.key);
    const { salt, nonce, key, passphrase } = vector;
    const parts = [salt, nonce, key, passphrase].map(fromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const again = referenceSeal({
      ...vector,
      salt: parts[0],
      nonce: parts[1],
      key: parts[2],
      passphrase: parts[3],
    });
    expect(Buffer.from(again).toString("hex")).toBe(vector.file);
  });

  it("that is written here is what the reference writes, for any key and passphrase", () => {
    const keys = keyFilesOpener(runtime, nodeCalls)(secrets, {
      onMisuse: "throw",
      cost: { passes: 1, memoryBytes: 8 * 2 ** 20 },
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        (length, phrase) => {
          rmSync(path(), { force: true });
          const passphrase = secrets.move(Uint8Array.from(phrase));
          const key = keys.createAndRead(path(), length, { passphrase });
          const file = Uint8Array.from(readFileSync(path()));
          const expected = referenceSeal({
            type: 1,
            passes: 1,
            memoryKiB: 8192,
            salt: file.subarray(24, 40),
            nonce: file.subarray(40, 64),
            key: fromHex(bytesOf(key, length)),
            passphrase: phrase,
          });
          keys.destroy([key, passphrase]);
          expect(Buffer.from(file).equals(expected)).toBe(true);
        },
      ),
      { numRuns: 4 },
    );
  });

  it("has a fresh salt and nonce each time", () => {
    const keys = keyFilesOpener(runtime, nodeCalls)(secrets, {
      cost: { passes: 1, memoryBytes: 8 * 2 ** 20 },
    });
    const passphrase = secrets.random(8);
    keys.create(path(), 32, { passphrase });
    const seen = [0, 1, 2].map(() => {
      keys.changePassphrase(path(), { passphrase, newPassphrase: passphrase });
      return readFileSync(path()).subarray(24, 64).toString("hex");
    });
    expect(new Set(seen).size).toBe(3);
  });
});

describe("opening", () => {
  it("tells a wrong passphrase from damage, and damage from what is not a sealed key file", () => {
    const file = referenceSeal(SAMPLE);
    put(file);
    expect(opened(open(), 32, SAMPLE.passphrase, 32)).toBe(KEY);
    expect(codeOf(() => opened(open(), 32, new Uint8Array(3).fill(9), 32))).toBe(
      "ERR_LETHE_KEY_PASSPHRASE",
    );
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = Uint8Array.from(file);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      put(flipped);
      const where = bit >> 3;
      expect(
        codeOf(() => opened(open(), 32, SAMPLE.passphrase, 32)),
        `bit ${bit}`,
      ).toBe(
        where < 12 && !(where === 11 && [0, 1].includes(bit & 7) && flipped[11] !== 0)
          ? "ERR_LETHE_KEY_FORMAT"
          : "ERR_LETHE_KEY_DAMAGED",
      );
      expect(asked).toEqual([]);
    }
  });

  it("leaves nothing by which a wrong passphrase could be guessed", () => {
    put(referenceSeal(SAMPLE));
    commitments.length = 0;
    expect(codeOf(() => opened(open(), 32, new Uint8Array(3).fill(9), 32))).toBe(
      "ERR_LETHE_KEY_PASSPHRASE",
    );
    expect(commitments.map((bytes) => bytes.every((byte) => byte === 0))).toEqual([true]);
    expect(secrets.stats.live).toBe(0);
  });

  it("of an altered file with its checksum made anew fails at the commitment or the tag", () => {
    const file = referenceSeal(SAMPLE);
    const outcome = (at: number): unknown => {
      const altered = Uint8Array.from(file);
      altered[at] = (altered[at] ?? 0) ^ 1;
      put(withChecksum(altered));
      return codeOf(() => opened(open(), 32, SAMPLE.passphrase, 32));
    };
    for (const at of [24, 39, 40, 63, 64, 95]) expect(outcome(at)).toBe("ERR_LETHE_KEY_PASSPHRASE");
    for (const at of [96, 127, 128, 143]) expect(outcome(at)).toBe("ERR_LETHE_KEY_DAMAGED");
    expect(outcome(20)).toBe("ERR_LETHE_KEY_DAMAGED"); // another length
  });

  it("of another type or length than was asked for is refused before Argon2id", () => {
    put(referenceSeal({ ...SAMPLE, type: 3 }));
    expect(codeOf(() => opened(open(), "ed25519", SAMPLE.passphrase, 32))).toBe(
      "ERR_LETHE_KEY_FORMAT",
    );
    put(referenceSeal(SAMPLE));
    expect(codeOf(() => opened(open(), 33, SAMPLE.passphrase, 32))).toBe("ERR_LETHE_KEY_SIZE");
    expect(asked).toEqual([]);
  });

  it("of a cost above the bound is refused before anything is computed", () => {
    const costs: readonly (readonly [number, number, string])[] = [
      [1, 8, "none"],
      [2, 16, "none"],
      [4, 8, "none"],
      [3, 16, "COST"],
      [1, 17, "COST"],
      [5, 8, "COST"],
      [1, 2 ** 32 - 1, "COST"],
      [2 ** 32 - 1, 8, "COST"],
      [0, 8, "COST"],
      [1, 7, "COST"],
      [1, 0, "COST"],
    ];
    for (const [passes, memoryKiB, code] of costs) {
      const altered = referenceSeal({
        ...SAMPLE,
        passes: code === "none" ? passes : 1,
        memoryKiB: code === "none" ? memoryKiB : 8,
      });
      new DataView(altered.buffer).setUint32(12, passes, true);
      new DataView(altered.buffer).setUint32(16, memoryKiB, true);
      put(withChecksum(altered));
      expect(
        codeOf(() => opened(open(TINY), 32, SAMPLE.passphrase, 32)),
        `${passes}x${memoryKiB}`,
      ).toBe(code === "none" ? code : "ERR_LETHE_KEY_COST");
      expect(asked).toHaveLength(code === "none" ? 1 : 0);
    }
    const altered = referenceSeal(SAMPLE);
    new DataView(altered.buffer).setUint32(16, 2 ** 20 + 1, true);
    put(withChecksum(altered));
    expect(codeOf(() => opened(open(), 32, SAMPLE.passphrase, 32))).toBe("ERR_LETHE_KEY_COST");
  });

  it("of what is too short, too long or of a later version is refused", () => {
    const file = referenceSeal(SAMPLE);
    for (const length of [0, 1, 32, 144]) {
      put(file.subarray(0, length));
      expect(codeOf(() => opened(open(), 32, SAMPLE.passphrase, 32))).toBe("ERR_LETHE_KEY_FORMAT");
    }
    put(new Uint8Array(65_681));
    expect(codeOf(() => opened(open(), 32, SAMPLE.passphrase, 32))).toBe("ERR_LETHE_KEY_FORMAT");
    const later = Uint8Array.from(file);
    later[8] = 2;
    put(withChecksum(later));
    expect(codeOf(() => opened(open(), 32, SAMPLE.passphrase, 32))).toBe("ERR_LETHE_KEY_FORMAT");
    expect(codeOf(() => open().inspect(path()))).toBe("ERR_LETHE_KEY_FORMAT");
  });
});
