/** A process with a secure heap that is filled, and what its key pairs can do then. One scenario, by its argument. */
import crypto, { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { secureHeapState } from "../../../features/custodian/vault/secure_heap.ts";
import { SecureHeapPairs } from "../../../features/custodian/vault/secure_heap_pairs.ts";
import { CustodianVault } from "../../../features/custodian/vault/vault.ts";
import { VaultKey } from "../../../features/custodian/vault/vault_key.ts";
import { openSharedRegion } from "../../../features/custodian/vault/workspace.ts";
import { parseKey } from "../../../features/keys/mod.ts";
import { openTools } from "./pair.ts";

const [, , scenario = ""] = process.argv;
const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const context = openTools();
const pairs = new SecureHeapPairs(context.secrets);
const LENGTHS = { ed25519: 64, p256: 32, p384: 48, p521: 66 } as const;
type Type = keyof typeof LENGTHS;
/** Of 20 bytes that are found as they are and reversed, below the order of each curve. */
const NEEDLE = Uint8Array.from({ length: 20 }, (_, at) => at * 11 + 7);

/** @param first 0 for a number that is shorter than most */
function keyOf(type: Type, first: 0 | 1 = 1): Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(new ArrayBuffer(LENGTHS[type]));
  key[0] = first;
  key.set(NEEDLE, 4);
  return key;
}

function rsaKey(): Uint8Array<ArrayBuffer> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const form = new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" }));
  return parseKey(context.secrets, form).secretKey.expose((bytes) => new Uint8Array(bytes));
}

function free(): number {
  const { total, used } = secureHeapState();
  return total - used;
}

/** Others' keys of 32 bytes each, until none fits. */
function fill(): KeyObject[] {
  const keys: KeyObject[] = [];
  try {
    for (;;) keys.push(generateKeyPairSync("x25519").privateKey);
  } catch {
    collect();
    return keys;
  }
}

/** How often a key lies in this process: the needle behind the first bytes of a key, as it is or reversed. */
function copies(): number {
  const memory = openSync("/proc/self/mem", "r");
  let found = 0;
  for (const line of readFileSync("/proc/self/maps", "latin1").split("\n")) {
    const [, start = "", end = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw-p/.exec(line) ?? [];
    const [from, to] = [Number.parseInt(start, 16), Number.parseInt(end, 16)];
    if (Number.isNaN(from) || to - from > 2 ** 28) continue;
    const bytes = Buffer.alloc(to - from);
    try {
      found += countIn(bytes.subarray(0, readSync(memory, bytes, 0, to - from, from)));
    } catch {
      // not readable
    }
    bytes.fill(0);
  }
  closeSync(memory);
  return found;
}

function countIn(bytes: Buffer): number {
  const reversed = Buffer.from(NEEDLE).reverse();
  let found = 0;
  for (let at = bytes.indexOf(NEEDLE); at >= 0; at = bytes.indexOf(NEEDLE, at + 1)) {
    if (at >= 4 && bytes.readUInt32BE(at - 4) === 0x01_00_00_00) found += 1;
  }
  for (let at = bytes.indexOf(reversed); at >= 0; at = bytes.indexOf(reversed, at + 1)) {
    const after = at + NEEDLE.length;
    if (after + 4 <= bytes.length && bytes.readUInt32BE(after) === 1) found += 1;
  }
  return found;
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return "works";
  } catch (error) {
    return `${(error as { code?: unknown }).code} ${error}`.replace(
      / LetheError: .*: (.*);.*/,
      " $1",
    );
  }
}

const SIGNING = { hash: undefined, padding: undefined } as never;

/** Keys until no more are taken; then each type has to compute. */
function full(): void {
  const held = (["p256", "p384", "p521", "ed25519"] as const).map((type) =>
    pairs.hold(type, keyOf(type)),
  );
  held.push(pairs.hold("rsa", rsaKey()));
  const counts: Record<string, number> = {};
  for (const type of ["p521", "p384", "p256", "ed25519"] as const) {
    const more = (): number => (counts[type] = (counts[type] ?? 0) + 1);
    for (;;) {
      const said = codeOf(() => held.push(pairs.hold(type, keyOf(type))));
      if (said === "works") more();
      else {
        say(`${type} ${said}`);
        break;
      }
    }
  }
  for (const pair of held.slice(0, 5)) {
    const hash = pair.type === "rsa" ? "sha256" : undefined;
    say(`${pair.type} ${codeOf(() => pair.sign(NEEDLE, { hash, padding: "pss" } as never))}`);
  }
  // Node.js never comes back from this where its generator gets no room.
  for (let count = 0; count < 70_000; count++) randomBytes(8);
  say("random works");
  pairs.release(held);
  const short = pairs.hold("p521", keyOf("p521", 0));
  say(`short ${short.growth} ${codeOf(() => short.sign(NEEDLE, SIGNING))}`);
}

/** Many bytes are free, and none of them side by side. */
function holes(): void {
  const others = fill();
  for (let at = 0; at < others.length; at += 2) others[at] = null as never;
  collect();
  say(`${free() > 1000} ${codeOf(() => pairs.hold("ed25519", keyOf("ed25519")))}`);
  say(`${others.length > 10}`);
}

/** Each type, some times: what a key leaves that was taken and used and is released. */
function released(): void {
  for (const type of ["p256", "p384", "p521", "ed25519"] as const) {
    let left = 0;
    for (let round = 0; round < 5; round++) {
      const pair = pairs.hold(type, keyOf(type));
      pair.sign(NEEDLE, SIGNING);
      pairs.release([pair]);
      left += copies();
    }
    say(`${type} ${left}`);
  }
}

/** How often OpenSSL was given a key with the needle from then on. */
function readsOfKey(): () => number {
  let count = 0;
  const { createPrivateKey } = crypto;
  crypto.createPrivateKey = (options) => {
    const { buffer, byteOffset, length } = (options as { key: Uint8Array<ArrayBuffer> }).key;
    if (Buffer.from(buffer, byteOffset, length).includes(NEEDLE)) count += 1;
    return createPrivateKey(options);
  };
  syncBuiltinESMExports();
  return () => count;
}

/** Room for one key, and too little besides. */
function refused(): void {
  const reads = readsOfKey();
  const witness = pairs.hold("p256", keyOf("p256"));
  say(`held ${copies() > 0}`);
  pairs.release([witness]);
  say(`released ${copies()}, read ${reads()}`);
  for (const [type, rooms] of [
    ["p256", [32, 64, 96]],
    ["p384", [64, 128]],
    ["p521", [64, 128, 256]],
    ["ed25519", [32, 128]],
  ] as const) {
    for (const room of rooms) {
      const others = fill();
      while (free() < room) {
        others.pop();
        collect();
      }
      const said = codeOf(() => pairs.hold(type, keyOf(type))).slice(0, 21);
      say(`${type} ${room} ${said} ${free() === room} ${copies()}, read ${reads()}`);
      others.length = 0;
      collect();
    }
  }
}

/** A use for which there is no room is not counted. */
function uses(): void {
  const key = new VaultKey(context, null);
  const vault = new CustodianVault(context, key, 0, openSharedRegion(context));
  const policy = { mayLeave: false, uses: 1, expires: Infinity, place: "secure heap" } as const;
  vault.add("once", "p256", policy, 32, (bytes) => bytes.set(keyOf("p256")));
  const use = (): string =>
    codeOf(() =>
      vault.use(
        "once",
        ["p256"],
        "stay",
        () => undefined,
        (pair) => pair.sign(NEEDLE, SIGNING),
      ),
    ).slice(0, 21);
  const others = fill();
  say(`${use()}, ${use()}`);
  others.length = 0;
  collect();
  say(`${use()}, ${use()}`);
  vault.destroy();
}

const SCENARIOS: Readonly<Record<string, () => void>> = { full, holes, released, refused, uses };
SCENARIOS[scenario]?.();
