// Run by continue_twice in each runtime: snapshot_probe.ts <memory>. Makes all that it needs, says that it is
// ready, and for each line of input encrypts once in every way that Lethe has. It tells the nonces.

import { readSync, writeSync } from "node:fs";
import type * as Adapter from "../../adapters/node/mod.ts";
import type { MemorySecrets } from "../../core/memory_secrets.ts";
import { type CryptoEngine, offHeapBytes, type SecretBuffer } from "../../core/mod.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { ChannelSession } from "../../features/custodian/protocol/session.ts";
import { encrypt } from "../../features/custodian/server/crypto_handlers.ts";
import { CustodianVault } from "../../features/custodian/vault/vault.ts";
import { VaultKey } from "../../features/custodian/vault/vault_key.ts";
import { openSharedRegion } from "../../features/custodian/vault/workspace.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";
import { sealKey } from "../../features/key_files/seal_key.ts";
import type { Task } from "../../features/key_files/task.ts";
import { openKernel, openPages, openSecretmem } from "../../memories/pages/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { runtimeFfi } from "../memories/pages/runtime.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(`../../adapters/${runtime}/mod.ts`);
const [, , memory = "auto"] = process.argv;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** By what was encrypted for. */
let nonces: Record<string, string[]> = {};
let purpose = "";

function note(nonce: Uint8Array): void {
  nonces[purpose] = [...(nonces[purpose] ?? []), hex(nonce)];
}

const sodium = openSodiumEngine();
const engine: CryptoEngine = {
  ...sodium,
  aeadSeal(sealed, message, additional, nonce, key) {
    note(nonce);
    sodium.aeadSeal(sealed, message, additional, nonce, key);
  },
  boxSeal(boxed, message, nonce, publicKey, secretKey) {
    note(nonce);
    return sodium.boxSeal(boxed, message, nonce, publicKey, secretKey);
  },
};

// Without idle pages: what a debugger may not read is not put back, and those remember their last secret.
const pages = { secretmem: openSecretmem, pages: openPages }[memory];
const opened = pages?.(openKernel(await runtimeFfi()), { idleLength: 0 });
const secrets = adapter.openSecrets({ memory: opened ?? memory, engine }) as MemorySecrets;
const crypto = adapter.openCrypto(secrets, { engine });
const context = { engine, secrets };
const key = secrets.random(32).freeze();
const passphrase = secrets.random(32).freeze();
const { publicKey } = crypto.agreeKeyPair();
const application = new ChannelSession("application", context);
const custodian = new ChannelSession("custodian", context);
const refuse = (): never => process.exit(3);
custodian.receive(application.greeting, refuse);
application.receive(custodian.greeting, refuse);
const vault = new CustodianVault(
  context,
  new VaultKey(context, null),
  60_000,
  openSharedRegion(context),
);
const policy = {
  mayLeave: false,
  uses: Number.POSITIVE_INFINITY,
  expires: Number.POSITIVE_INFINITY,
};
vault.add("key", "key", policy, 32, (bytes) => bytes.fill(7));
const handling = {
  engine,
  secrets,
  vault,
  prompts: new Set<AbortController>(),
  prompt: adapter.promptSecret,
};
const stream = openEnclaves(secrets).sealStream({ key, chunkBytes: 64 });
const [writer, reader] = [stream.writable.getWriter(), stream.readable.getReader()];
const message = offHeapBytes(64).fill(3);
let rounds = 0;

function fresh(): SecretBuffer {
  const secret = secrets.allocate(32);
  secret.modify((bytes) => void bytes.fill(5));
  return secret;
}

const WAYS: Readonly<Record<string, () => unknown>> = {
  encrypt: () => crypto.encrypt(key, message),
  box: () => crypto.sealBox(publicKey, message),
  enclave: () => openEnclaves(secrets).seal(fresh()),
  stream: () => {
    void writer.write(message.slice());
    return reader.read();
  },
  channel: () => key.expose((bytes) => void application.seal(message, bytes)),
  vault: () => vault.add(`${rounds}`, "key", policy, 32, (bytes) => bytes.fill(9)),
  custodian: () =>
    void encrypt(handling, {
      fields: { name: "key" },
      arrival: { byteLength: 32, openInto: (bytes) => void bytes.fill(9) },
      reply: () => undefined,
    }),
  file: () => {
    const cost = { passes: 1, memoryBytes: 8192 };
    const header = { type: "symmetric", keyBytes: 32, cost } as const;
    const file = sealKey({ task: {} as Task, secrets, engine }, key, passphrase, header);
    note(file.subarray(24, 40)); // its salt
  },
};

/** What the runtime's generator gives, and what Lethe makes: a random secret, and nonces. */
async function round(): Promise<object> {
  rounds += 1;
  nonces = {};
  const web = hex(globalThis.crypto.getRandomValues(new Uint8Array(new ArrayBuffer(256), 0, 24)));
  const secret = secrets.random(24);
  const random = secret.expose(hex);
  secret.destroy();
  for (const [name, way] of Object.entries(WAYS)) {
    purpose = name;
    await way();
  }
  return { web, random, memory: secrets.memory, nonces };
}

for (let warm = 0; warm < 20; warm++) await round();
writeSync(1, "ready\n");
for (const input = new Uint8Array(16); readSync(0, input, 0, 3, null) > 0; ) {
  writeSync(1, `${JSON.stringify(await round())}\n`);
}
