/** Every public function, with its options, as one that says in a text what it came to. */

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Custodian, Secrets } from "../../adapters/node/mod.ts";
import { errorCode } from "../../core/arguments/own.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";
import type { entryHere } from "./uses_of_time.ts";

export type Entry = Awaited<ReturnType<typeof entryHere>>;

/** What the functions are called with. */
export interface Scene {
  readonly entry: Entry;
  readonly secrets: Secrets;
  readonly custodian: Custodian;
  readonly folder: string;
}

export interface Tried {
  /** The names of its options, of parts of its arguments, and of what it reads back. */
  readonly names: readonly string[];
  run(scene: Scene): string | Promise<string>;
}

const POLICY = ["mayLeave", "uses", "expires"] as const;
const PAIR = ["publicKey", "secretKey", "type"] as const;
const COST = ["passes", "memoryBytes"] as const;
const AEAD = ["additional"] as const;
const CHEAP = { passes: 1, memoryBytes: 8 * 2 ** 20 } as const;
const KEYS = ["passphrase", "cost", "keepPrevious", "trust", "asIs", "newPassphrase"] as const;
const MESSAGE: Uint8Array<ArrayBuffer> = Uint8Array.of(1, 2, 3, 4, 5);
const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7);

/** Text of what is the same each time: counts, lengths, names. */
const told = (...parts: readonly unknown[]): string => parts.map(String).join(" ");

let count = 0;
/** A name that nobody has yet. */
const fresh = (): string => {
  count += 1;
  return `s${count}`;
};

function crypto({ entry, secrets }: Scene): ReturnType<Entry["openCrypto"]> {
  return entry.openCrypto(secrets);
}

function keys({ entry, secrets }: Scene): ReturnType<Entry["openKeyFiles"]> {
  return entry.openKeyFiles(secrets, { onMisuse: "throw", cost: CHEAP });
}

/** Runs with a path of its own. */
function at<T>({ folder }: Scene, use: (path: string) => T): T {
  return use(join(folder, fresh()));
}

export const CORE: Readonly<Record<string, Tried>> = {
  openSecrets: {
    names: ["memory", "require", "onMisuse", "trackLeaks", "engine"],
    run({ entry }) {
      const secrets = entry.openSecrets();
      const given = entry.openSecrets({ memory: "heap" });
      return told(secrets.memory, given.memory, secrets.passedOver.length, given.stats.live);
    },
  },
  allocate: { names: ["byteLength"], run: ({ secrets }) => told(secrets.allocate(8).byteLength) },
  random: {
    names: ["randomize", "fill"],
    run: ({ secrets }) => told(secrets.random(32).expose((all) => new Set(all).size > 4)),
  },
  move: {
    names: ["length", "buffer", "byteOffset"],
    run: ({ secrets }) => told(secrets.move(bytes(9)).expose((all) => all.join())),
  },
  decode: {
    names: ["hex", "base64"],
    run: ({ secrets }) => told(secrets.decode(Uint8Array.of(48, 49), "hex").byteLength),
  },
  encode: {
    names: ["base64url"],
    run: ({ secrets }) => told(secrets.encode(secrets.random(3), "hex").byteLength),
  },
  expose: {
    names: ["then", "use"],
    run: ({ secrets }) => told(secrets.random(3).expose((all) => all.length)),
  },
  modify: {
    names: ["frozen", "state"],
    run: ({ secrets }) => told(secrets.random(3).modify((all) => all.fill(1).join())),
  },
  slice: {
    names: ["start", "end"],
    run: ({ secrets }) => told(secrets.random(9).slice().byteLength),
  },
  equals: { names: ["other"], run: ({ secrets }) => told(secrets.random(9).equals(bytes(9))) },
  exposeAll: {
    names: ["protectAll", "0", "1"],
    run: ({ entry, secrets }) =>
      told(
        entry.exposeAll([secrets.random(3), secrets.random(4)], (views) =>
          views.map(({ length }) => length),
        ),
        entry.exposeAll([], (views) => views.length),
      ),
  },
  capacity: {
    names: ["capacity", "regions", "locked"],
    run: ({ entry }) => told(entry.openSecrets({ memory: "heap" }).capacity(32)),
  },
  purge: {
    names: ["sweep"],
    run({ entry }) {
      const secrets = entry.openSecrets({ memory: "heap" });
      secrets.random(3);
      secrets.purge();
      return told(secrets.stats.live);
    },
  },
  guarantees: {
    names: ["level", "verified", "evidence", "hidden", "isolated", "off-heap"],
    run: ({ entry }) =>
      told(
        ...Object.entries(entry.openSecrets({ memory: "heap" }).guarantees).map(
          ([name, { level, verified }]) => `${name}:${level}:${verified}`,
        ),
      ),
  },
  seal: {
    names: ["slots", "vault", "id"],
    async run({ secrets }) {
      const enclave = openEnclaves(secrets).seal(secrets.move(bytes(5)));
      await openEnclaves(secrets).rekey();
      return told(
        enclave.expose((all) => all.join()),
        enclave.unseal().byteLength,
      );
    },
  },
  sealStream: {
    names: ["key", "chunkBytes", "highWaterMark", "size", "type", "start", "autoAllocateChunkSize"],
    async run({ secrets }) {
      const sealed = await through(openEnclaves(secrets).sealStream(), [MESSAGE.slice()]);
      const [opened] = await through(openEnclaves(secrets).unsealStream(), sealed);
      const text = (opened as ReturnType<Secrets["random"]>).expose((all) => all.join());
      return told(sealed.map((chunk) => (chunk as Uint8Array).length).join(), text);
    },
  },
};

export const CRYPTO: Readonly<Record<string, Tried>> = {
  openCrypto: {
    names: ["engine", "engines", "operations", "residue"],
    run: (scene) => told(crypto(scene).engine, crypto(scene).passedOver.length),
  },
  encrypt: {
    names: AEAD,
    run(scene) {
      const key = scene.secrets.random(32);
      const sealed = crypto(scene).encrypt(key, MESSAGE);
      const bound = crypto(scene).encrypt(key, MESSAGE, { additional: bytes(3) });
      return told(
        sealed.length,
        crypto(scene).isAuthentic(key, sealed),
        crypto(scene).isAuthentic(key, bound),
        crypto(scene)
          .decrypt(key, sealed)
          .expose((all) => all.join()),
      );
    },
  },
  keyedHash: {
    names: ["byteLength", "dkLen", "salt", "personalization"],
    run: (scene) => {
      const hash = crypto(scene).keyedHash(scene.secrets.move(bytes(32)), MESSAGE);
      return told(hash.expose((all) => all.join()));
    },
  },
  hmac: {
    names: ["hash"],
    run: (scene) => {
      const tag = crypto(scene).hmac(scene.secrets.move(bytes(32)), MESSAGE);
      return told(tag.expose((all) => all.join()));
    },
  },
  hkdf: {
    names: ["salt", "info", "byteLength"],
    run: (scene) => {
      const key = crypto(scene).hkdf(scene.secrets.move(bytes(32)));
      return told(key.expose((all) => all.join()));
    },
  },
  argon2id: {
    names: [...COST, "byteLength", "personalization", "maxmem", "version"],
    run: (scene) => {
      const cost = { passes: 1, memoryBytes: 8192 };
      const key = crypto(scene).argon2id(scene.secrets.move(bytes(9)), bytes(16), cost);
      return told(key.expose((all) => all.join()));
    },
  },
  verifyPassword: {
    names: [...COST, "mostCost", "salt", "hash"],
    run: (scene) => {
      const password = scene.secrets.move(bytes(9));
      const stored = crypto(scene).hashPassword(password, { passes: 1, memoryBytes: 8192 });
      return told(stored.length, crypto(scene).verifyPassword(password, stored));
    },
  },
  sign: {
    names: ["seed", ...PAIR, "context"],
    run: (scene) => {
      const pair = crypto(scene).signKeyPair(scene.secrets.move(bytes(32)));
      const signature = crypto(scene).sign(pair.secretKey, MESSAGE);
      return told(signature.join(), crypto(scene).verify(pair.publicKey, MESSAGE, signature));
    },
  },
  unsealBox: {
    names: PAIR,
    run: (scene) => {
      const pair = crypto(scene).agreeKeyPair();
      const box = crypto(scene).sealBox(pair.publicKey, MESSAGE);
      const [lacking] = [{ secretKey: pair.secretKey }] as unknown as [typeof pair];
      return told(
        crypto(scene)
          .unsealBox(pair, box)
          .expose((all) => all.join()),
        nameOf(() => crypto(scene).unsealBox(lacking, box)),
      );
    },
  },
};

export const FILES: Readonly<Record<string, Tried>> = {
  openKeyFiles: {
    names: ["onMisuse", "cost", "mostCost", "access"],
    run: ({ entry, secrets }) => told(entry.openKeyFiles(secrets).access),
  },
  create: {
    names: KEYS,
    run: (scene) =>
      at(scene, (path) => {
        const key = keys(scene).createAndRead(path, 32);
        const { form, keyBytes, mode } = keys(scene).inspect(path);
        const same = key.equals(keys(scene).read(path, 32));
        return told(form, keyBytes, mode, same);
      }),
  },
  rotate: {
    names: KEYS,
    run: (scene) =>
      at(scene, (path) => {
        keys(scene).create(path, "ed25519");
        const { previous, current } = keys(scene).rotate(path, "ed25519");
        const missing = nameOf(() => keys(scene).inspect(`${path}.previous`));
        return told(previous.secretKey.equals(current.secretKey), missing);
      }),
  },
  seal: {
    names: [...KEYS, ...COST, "form", "refusal", "header", "looksLike"],
    run: (scene) =>
      at(scene, (path) => {
        keys(scene).create(path, 32);
        const passphrase = scene.secrets.move(bytes(9));
        keys(scene).seal(path, 32, { passphrase });
        const { form, cost } = keys(scene).inspect(path);
        const refused = nameOf(() => keys(scene).read(path, 32));
        const { byteLength } = keys(scene).read(path, 32, { passphrase });
        return told(form, cost?.passes, cost?.memoryBytes, refused, byteLength);
      }),
  },
  "promptSecret of a file": {
    names: ["maxBytes", "mask", "descriptor", "isNew", "signal", "aborted"],
    run: (scene) =>
      at(scene, async (path) => {
        writeFileSync(path, "a line\n");
        const descriptor = openSync(path, "r");
        try {
          const line = await scene.entry.promptSecret(scene.secrets, "x", { descriptor });
          return told(line.byteLength);
        } finally {
          closeSync(descriptor);
        }
      }),
  },
  wipeOnExit: {
    names: ["handledSignals", "Deno"],
    run: ({ entry, secrets }) => told(entry.wipeOnExit(secrets)()),
  },
};

export const CUSTODIAN: Readonly<Record<string, Tried>> = {
  generate: {
    names: [...POLICY, "byteLength", "policy"],
    async run({ custodian }) {
      const name = fresh();
      await custodian.generate(name, "key");
      const left = await codeOf(custodian.expose(name, (all) => all.length));
      const bound = fresh();
      await custodian.generate(bound, "key", { mayLeave: true });
      return told(left, await custodian.expose(bound, (all) => all.length));
    },
  },
  put: {
    names: [...POLICY, "secret", "fields", "operation", "answer"],
    async run({ custodian, secrets }) {
      const name = fresh();
      await custodian.put(name, secrets.move(bytes(7)));
      return told(
        await codeOf(custodian.expose(name, (all) => all.length)),
        await custodian.equals(name, secrets.move(bytes(7))),
      );
    },
  },
  prompt: {
    names: [...POLICY, "maxBytes", "mask", "from", "isNew"],
    run: ({ custodian }) => codeOf(custodian.prompt(fresh(), "?", {})),
  },
  "sign, hmac, encrypt, derive": {
    names: [...POLICY, "byteLength", "hash", "additional", "data"],
    async run({ custodian, secrets }) {
      const [key, pair, derived] = [fresh(), fresh(), fresh()];
      await custodian.put(key, secrets.move(bytes(32)));
      await custodian.generate(pair, "ed25519");
      await custodian.derive(key, derived, bytes(3));
      const sealed = await custodian.encrypt(key, secrets.move(bytes(5)));
      return told(
        (await custodian.sign(pair, MESSAGE)).length,
        (await custodian.hmac(key, MESSAGE)).expose((all) => all.join()),
        (await custodian.decrypt(key, sealed)).byteLength,
        (await custodian.hmac(derived, MESSAGE)).expose((all) => all.join()),
      );
    },
  },
  verifyPassword: {
    names: [...COST, "mostCost"],
    async run({ custodian, secrets }) {
      const name = fresh();
      await custodian.put(name, secrets.move(bytes(7)));
      const stored = await custodian.hashPassword(name, { passes: 1, memoryBytes: 8192 });
      return told(
        await custodian.verifyPassword(name, stored),
        await codeOf(custodian.verifyPassword(name, stored.slice(1))),
      );
    },
  },
  status: {
    names: ["most", "count", "secrets", "unlocked", "next", "report"],
    async run({ custodian }) {
      const { secureHeap, unlocked } = await custodian.status();
      return told(typeof secureHeap.total, typeof unlocked, typeof custodian.report.memory);
    },
  },
};

/** For the end: it cannot be taken back. */
export const PROCESS: Readonly<Record<string, Tried>> = {
  hardenProcess: {
    names: ["diesWithParent", "parentSignal", "require", "reason", "outcome", "NODE_OPTIONS"],
    run({ entry }) {
      const steps = Object.entries(entry.hardenProcess());
      return told(...steps.map(([name, { outcome }]) => `${name}:${outcome}`));
    },
  },
};

async function through(pair: object, pieces: readonly unknown[]): Promise<unknown[]> {
  const { readable, writable } = pair as ReadableWritablePair<unknown, unknown>;
  const writer = writable.getWriter();
  const written = (async () => {
    for (const piece of pieces) await writer.write(piece);
    await writer.close();
  })();
  const all: unknown[] = [];
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) all.push(next.value);
  await written;
  return all;
}

function nameOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    return codeIn(error);
  }
}

async function codeOf(pending: Promise<unknown>): Promise<string> {
  return await pending.then(() => "none", codeIn);
}

function codeIn(error: unknown): string {
  return errorCode(error) ?? (error as Error).name;
}

export async function setScene(entry: Entry): Promise<Scene & { end(): Promise<void> }> {
  const secrets = entry.openSecrets({ memory: "heap" });
  const custodian = await entry.openCustodian({ secrets });
  const folder = mkdtempSync(join(tmpdir(), "lethe-every-"));
  return {
    entry,
    secrets,
    custodian,
    folder,
    async end() {
      await custodian.close();
      secrets.purge();
      rmSync(folder, { recursive: true });
    },
  };
}
