import { Buffer } from "node:buffer";
import process from "node:process";
import { afterAll, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { nobleEngine } from "../../engines/noble/noble_engine.ts";
import { openSecrets as openBare } from "../../memories/heap/mod.ts";
import { thrown } from "../../testing/core/samples.ts";
import { makeNodeKeys } from "../../testing/features/keys/node_keys.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { formatKey, parseKey, parsePublicKey } from "./mod.ts";
import { boundsOf } from "./parse_key.ts";
import { checkDerivation, type Derivation } from "./pbes2.ts";
import { SHA256 } from "./primitives/sha256.ts";

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());
const passphrase = secrets.move(copy(Buffer.from("phrase")));
const { ed25519, x25519 } = makeNodeKeys();
const der = copy(ed25519.export({ type: "pkcs8", format: "der" }));
const key = parseKey(secrets, der.slice());

/** A file that asks for more than anybody should give. */
function greedy(
  options: Parameters<typeof formatKey>[2],
  from: readonly number[],
  to: readonly number[],
): Uint8Array<ArrayBuffer> {
  const text = formatKey(secrets, key, { ...options, passphrase });
  const pem = text.expose((bytes) => Buffer.from(bytes).toString());
  const file = Buffer.from(pem.replace(/-----.*-----/g, ""), "base64");
  const at = file.indexOf(Buffer.from(from));
  expect(at).toBeGreaterThan(0);
  file.set(to, at);
  const [begin = "", end = ""] = pem.match(/-----.*-----/g) ?? [];
  return copy(Buffer.from(`${begin}\n${file.toString("base64")}\n${end}\n`));
}

const PBKDF2 = { format: "pkcs8-pem", cost: 1000 } as const;
const SCRYPT = { format: "pkcs8-pem", derivation: "scrypt", cost: 1024 } as const;
const BCRYPT = { format: "openssh", cost: 1 } as const;
/** N, r and p; rounds, and the number of keys, which follows. */
const CHEAP = { scrypt: [2, 2, 4, 0, 2, 1, 8, 2, 1, 1], bcrypt: [0, 0, 0, 1, 0, 0, 0, 1] };

it("what a file asks for beyond the bounds is refused before anything is computed", () => {
  const mostCost = { pbkdf2Iterations: 1000, scryptMemoryBytes: 1 << 20 };
  const files = [
    greedy(PBKDF2, [2, 2, 3, 0xe8], [2, 2, 3, 0xe9]),
    greedy(PBKDF2, [2, 2, 3, 0xe8], [2, 2, 0x7f, 0xff]),
    greedy(SCRYPT, CHEAP.scrypt, [2, 2, 0x40, 0, 2, 1, 8, 2, 1, 1]),
    greedy(SCRYPT, CHEAP.scrypt, [2, 2, 4, 0, 2, 1, 9, 2, 1, 1]),
    greedy(SCRYPT, CHEAP.scrypt, [2, 2, 4, 0, 2, 1, 8, 2, 1, 5]),
    greedy(BCRYPT, CHEAP.bcrypt, [0, 0, 1, 1, 0, 0, 0, 1]),
    greedy(BCRYPT, CHEAP.bcrypt, [255, 255, 255, 255, 0, 0, 0, 1]),
  ];
  const before = process.memoryUsage.rss();
  for (const file of files) {
    const start = process.cpuUsage();
    const error = thrown(() => parseKey(secrets, file, { passphrase, mostCost }));
    expect(error.code).toBe("ERR_LETHE_KEY_COST");
    expect(error.message).toMatch(
      /mostCost\.\w+ allows; raise that if you trust the file, or .*cost$/,
    );
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(500);
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 2 ** 20);
  for (const same of [
    greedy(SCRYPT, CHEAP.scrypt, CHEAP.scrypt),
    greedy(BCRYPT, CHEAP.bcrypt, CHEAP.bcrypt),
  ]) {
    const bound = { ...mostCost, bcryptRounds: 1 };
    expect(parseKey(secrets, same, { passphrase, mostCost: bound }).type).toBe("ed25519");
  }
});

it("the usual bounds are those that are written down", () => {
  const bounds = boundsOf(undefined);
  const refusal = (derivation: Derivation): string => {
    try {
      checkDerivation(derivation, bounds);
      return "taken";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  for (const [derivation, said] of [
    [{ name: "pbkdf2", hash: SHA256, iterations: 2_000_000 }, "taken"],
    [{ name: "pbkdf2", hash: SHA256, iterations: 2_000_001 }, "ERR_LETHE_KEY_COST"],
    [{ name: "pbkdf2", hash: SHA256, iterations: Number.POSITIVE_INFINITY }, "ERR_LETHE_KEY_COST"],
    [{ name: "pbkdf2", hash: SHA256, iterations: 0 }, "ERR_LETHE_KEY_DAMAGED"],
    [{ name: "scrypt", N: 262_144, r: 8, p: 4 }, "taken"],
    [{ name: "scrypt", N: 262_144, r: 8, p: 5 }, "ERR_LETHE_KEY_COST"],
    [{ name: "scrypt", N: 524_288, r: 8, p: 1 }, "ERR_LETHE_KEY_COST"],
    [{ name: "scrypt", N: 2 ** 30, r: 1, p: 1 }, "ERR_LETHE_KEY_COST"],
    [{ name: "scrypt", N: 2, r: 2 ** 20, p: 1 }, "ERR_LETHE_KEY_COST"],
    [{ name: "scrypt", N: 2, r: 1, p: 2 ** 20 }, "ERR_LETHE_KEY_COST"],
    [{ name: "scrypt", N: 1000, r: 8, p: 1 }, "ERR_LETHE_KEY_DAMAGED"],
    [{ name: "scrypt", N: 1, r: 8, p: 1 }, "ERR_LETHE_KEY_DAMAGED"],
    [{ name: "scrypt", N: 1024, r: 0, p: 1 }, "ERR_LETHE_KEY_DAMAGED"],
  ] as const) {
    expect(refusal(derivation), JSON.stringify(derivation)).toBe(said);
  }
  expect(bounds.bcryptRounds).toBe(256);
});

it("a file may have 65,536 bytes, and its nesting and parts are bounded", () => {
  const long = (length: number): string =>
    thrown(() => parseKey(secrets, new Uint8Array(length).fill(0x30))).code ?? "";
  expect(long(65_536)).toBe("ERR_LETHE_KEY_DAMAGED");
  expect(long(65_537)).toBe("ERR_LETHE_KEY_FORMAT");
  for (const [hostile, code] of [
    ["[".repeat(60_000), "FORMAT"],
    [`{"a":${"[".repeat(60_000)}`, "DAMAGED"],
    [`{"a":${"[".repeat(17)}${"]".repeat(17)}}`, "DAMAGED"],
    [`{"a":${"[".repeat(16)}${"]".repeat(16)}}`, "FORMAT"],
    [`{"a":${'{"a":'.repeat(10_000)}`, "DAMAGED"],
    [`{${'"a":1,'.repeat(1_000)}"b":1}`, "DAMAGED"],
    [`{${'"a":1,'.repeat(999)}"b":1}`, "FORMAT"],
    [`{"keys":[${"{},".repeat(20_000)}{}]}`, "DAMAGED"],
    ["-----BEGIN ".repeat(5_000), "DAMAGED"],
    ["-----BEGIN A-----".repeat(3_000), "DAMAGED"],
    ["-----BEGIN A-----\n-----END A-----\n".repeat(1_500), "FORMAT"],
    ["-".repeat(65_000), "FORMAT"],
    ["\ufeff".repeat(20_000), "FORMAT"],
    [" ".repeat(65_000), "FORMAT"],
  ] as const) {
    const bytes = copy(Buffer.from(hostile));
    const start = process.cpuUsage();
    for (const parse of [() => parseKey(secrets, bytes), () => parsePublicKey(bytes)]) {
      expect(thrown(parse).code, hostile.slice(0, 40)).toBe(`ERR_LETHE_KEY_${code}`);
    }
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1_000);
  }
});

it("every engine gives the same key; without one it says so", () => {
  const noble = openSecrets({ memory: "heap", engine: nobleEngine() });
  const bare = openBare();
  for (const object of [ed25519, x25519]) {
    const bytes = object.export({ type: "pkcs8", format: "der" });
    const mine = parseKey(secrets, copy(bytes));
    const theirs = parseKey(noble, copy(bytes));
    expect(theirs.publicKey).toEqual(mine.publicKey);
    expect(theirs.secretKey.equals(mine.secretKey)).toBe(true);
    const error = thrown(() => parseKey(bare, copy(bytes)));
    expect(error.code).toBe("ERR_LETHE_UNAVAILABLE");
    expect(error.message).toMatch(/engine/);
  }
  const { p256 } = makeNodeKeys();
  expect(parseKey(bare, copy(p256.export({ type: "pkcs8", format: "der" }))).type).toBe("p256");
  expect(bare.stats.live).toBe(1);
  for (const opened of [noble, bare]) opened.purge();
});
