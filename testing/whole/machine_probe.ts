// Run by machine.hostile.test.ts in each runtime: machine_probe.ts FOLDER. Lives through crypto, key files and
// a prompt on a machine that lacks something; each step must work, or fail with a LetheError.

import { readSync, writeSync } from "node:fs";
import type * as Adapter from "../../adapters/node/mod.ts";
import { deriveInto } from "../../conformance/forensics/derived_needle.ts";
import { LetheError, offHeapBytes, type SecretBuffer } from "../../core/mod.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";
import { process } from "../../system/node_builtins.ts";

const SEED = 7301;
const LENGTH = 64;
/** What the test says begins with it, and no hexadecimal text does. */
const GO = 103;
/** The least that a key file is sealed at. */
const COST = { passes: 1, memoryBytes: 2 ** 23 };
const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(`../../adapters/${runtime}/mod.ts`);
const [, , folder = ""] = process.argv;
const steps: Record<string, string> = {};
const reasons: string[] = [];

const tell = (message: object): void => void writeSync(1, `${JSON.stringify(message)}\n`);

async function step<T>(name: string, work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    const result = await work();
    steps[name] = "ok";
    return result;
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    steps[name] = error.code;
    reasons.push(error.message);
    return undefined;
  }
}

const witness = offHeapBytes(512);
deriveInto(SEED + 1, witness);
Object.assign(globalThis, { witness });

// The test sets limits only now: a runtime that has started needs less.
tell({ ready: true, pid: process.pid });
readLine();

const secrets = await step("open", () => adapter.openSecrets());
const crypto = secrets && (await step("crypto", () => adapter.openCrypto(secrets)));
const secret = await step("secret", () => secrets?.allocate(LENGTH));
secret?.modify((bytes) => deriveInto(SEED, bytes));
const other = await step("random", () => secrets?.random(32));
if (secrets && crypto && secret && other) {
  const sealed = await step("encrypt", () => crypto.encrypt(other, secret));
  if (sealed) await step("decrypt", () => same(crypto.decrypt(other, sealed)));
  await step("keyed hash", () => crypto.keyedHash(other, secret).destroy());
  await step("mac", () => crypto.hmac(other, secret).destroy());
  const pair = await step("agree", () => crypto.agreeKeyPair());
  if (pair)
    await step("box", () => same(crypto.unsealBox(pair, crypto.sealBox(pair.publicKey, secret))));
  pair?.secretKey.destroy();
  await step("argon2id", () => {
    const salt = new Uint8Array(new ArrayBuffer(16));
    crypto.argon2id(secret, salt, { byteLength: 32, ...COST }).destroy();
  });
  const enclave = await step("seal", () => openEnclaves(secrets).seal(secret.clone()));
  if (enclave) await step("unseal", () => same(enclave.unseal()));
  enclave?.destroy();
}

const keys =
  secrets && (await step("keys", () => adapter.openKeyFiles(secrets, { onMisuse: "throw" })));
if (keys && secrets) {
  await step("read", () => same(keys.read(`${folder}/given`, LENGTH, { asIs: true })));
  await step("inspect", () => keys.inspect(`${folder}/given`));
  const made = await step("create", () => keys.createAndRead(`${folder}/made`, 32));
  made?.destroy();
  if (made) {
    await step("rotate", () => keys.destroy(keys.rotate(`${folder}/made`, 32)));
    const passphrase = secrets.random(24);
    await step("seal file", () => keys.seal(`${folder}/made`, 32, { passphrase, cost: COST }));
    await step("open file", () => keys.read(`${folder}/made`, 32, { passphrase }).destroy());
    passphrase.destroy();
    await step("remove", () => void keys.remove(`${folder}/made`));
  }
}
if (secrets) {
  const typed = await step("prompt", () => adapter.promptSecret(secrets, "", { descriptor: 0 }));
  if (typed && typed.byteLength !== 2 * LENGTH) throw new Error("the line is not what was typed");
  typed?.destroy();
}
await step("harden", () => {
  reasons.push(JSON.stringify(adapter.hardenProcess()));
});
other?.destroy();
secret?.destroy();
await step("purge", () => secrets?.purge());

/** Destroys it. */
function same(opened: SecretBuffer): void {
  const right = secret?.equals(opened) === true;
  opened.destroy();
  if (!right) throw new Error("the bytes are not those that went in");
}

for (const { evidence } of Object.values(secrets?.guarantees ?? {})) reasons.push(evidence);
reasons.push(...(secrets?.passedOver ?? []).map(({ reason }) => reason));
const locked = secrets?.guarantees.locked.level ?? null;
const passedOver = (secrets?.passedOver ?? []).map(({ memory }) => memory);
tell({ steps, memory: secrets?.memory ?? null, locked, reasons: reasons.join("\n"), passedOver });
tell({ over: true, witness: witness.length });
// Nothing but this reads standard input: a line that the prompt left there would lie in a buffer.
while (readLine() !== GO);
process.exit(0);

/** The first byte of a line. */
function readLine(): number | undefined {
  const byte = new Uint8Array(new ArrayBuffer(1));
  let first: number | undefined;
  while (byte[0] !== 10) {
    try {
      if (readSync(0, byte, 0, 1, null) < 1) return GO;
      first ??= byte[0];
    } catch (error) {
      if ((error as { readonly code?: string }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
  return first;
}
