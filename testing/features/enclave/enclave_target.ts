// A process full of enclaves, for tests that look at it from outside: reads commands, one a line, on
// standard input and answers each with a line of JSON. Run: enclave_target.ts <memory>.

import { readSync } from "node:fs";
import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { CryptoEngine, Runtime, SecretBuffer, Secrets } from "../../../core/mod.ts";
import { offHeapBytes, secretsOpener } from "../../../core/mod.ts";
import type { Enclave } from "../../../features/enclave/mod.ts";
import { openEnclaves } from "../../../features/enclave/open_enclaves.ts";

const host = globalThis as { Deno?: unknown; Bun?: unknown };
const entry = host.Deno !== undefined ? "deno" : host.Bun !== undefined ? "bun" : "node";
const { runtime } = (await import(`../../../adapters/${entry}/mod.ts`)) as { runtime: Runtime };
const [wanted] = process.argv.slice(2);
const memory = runtime.memories.find(({ name }) => name === wanted)?.open();
const actual = runtime.engines?.[0]?.open();
if (memory === undefined || actual === undefined) throw new Error("No such memory or engine");

/** Session keys to come, as seeds: the scanner then knows what it must not find. */
const keySeeds: number[] = [];
let pausing = false;
const engine: CryptoEngine = {
  ...actual,
  aeadUnseal(...bytes) {
    if (pausing) {
      pausing = false;
      say("inside the engine");
      line();
    }
    return actual.aeadUnseal(...bytes);
  },
};
const secrets: Secrets = secretsOpener(runtime)({
  memory: {
    name: memory.name,
    guarantees: memory.guarantees,
    allocate: (byteLength) => memory.allocate(byteLength),
    randomize(bytes) {
      const seed = bytes.length === 32 ? keySeeds.shift() : undefined;
      if (seed === undefined) memory.randomize?.(bytes);
      else deriveInto(seed, bytes);
    },
  },
  engine,
});

const enclaves: Enclave[] = [];
const planted: Uint8Array[] = [];
const held: { readonly end: () => void; readonly settled: Promise<unknown> }[] = [];
const last = (): Enclave => enclaves.at(-1) as Enclave;

function make(seed: number): SecretBuffer {
  const secret = secrets.allocate(32);
  secret.modify((bytes) => deriveInto(seed, bytes));
  return secret;
}

/** The sum of a scope's bytes: used, and not copied. */
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);

const COMMANDS: Readonly<Record<string, (...values: number[]) => unknown>> = {
  keys: (...seeds) => keySeeds.push(...seeds),
  plant(seed) {
    const bytes = offHeapBytes(32);
    deriveInto(seed as number, bytes);
    planted.push(bytes);
  },
  seal: (seed, count) => {
    for (let made = 0; made < (count ?? 1); made++) {
      enclaves.push(openEnclaves(secrets).seal(make(seed as number)));
    }
  },
  expose: () => last().expose(sum),
  open: () => {
    const secret = last().unseal();
    secret.expose(sum);
    secret.destroy();
  },
  clone: () => enclaves.push(last().clone()),
  destroy: () => enclaves.pop()?.destroy(),
  hold() {
    const { promise, resolve } = Promise.withResolvers<void>();
    held.push({ end: resolve, settled: last().expose(() => promise) });
  },
  async release() {
    for (const { end, settled } of held.splice(0)) {
      end();
      await settled;
    }
  },
  pause() {
    pausing = true;
    last().expose(sum);
  },
  rekey: () => openEnclaves(secrets).rekey(),
  async stream(seed) {
    const source = ReadableStream.from([make(seed as number), make(seed as number)]);
    const sealed = source.pipeThrough(openEnclaves(secrets).sealStream({ chunkBytes: 40 }));
    for await (const secret of sealed.pipeThrough(
      openEnclaves(secrets).unsealStream(),
    ) as AsyncIterable<SecretBuffer>) {
      secret.expose(sum);
      secret.destroy();
    }
  },
  purge: () => secrets.purge(),
  crowd,
  sleep: (time) => new Promise((resolve) => setTimeout(resolve, time)),
};

/** Each caller opens one enclave after another in one of three ways; what it sees must be right. */
async function crowd(count = 0, callers = 0, holders = 0): Promise<object> {
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    const secret = secrets.allocate(32);
    secret.modify((bytes) => new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, index));
    enclaves.push(openEnclaves(secrets).seal(secret));
  }
  const sealed = performance.now();
  const failures: string[] = [];
  let next = 0;
  let overlapping = 0;
  let most = 0;
  const right = (bytes: Uint8Array, index: number): void => {
    if (new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== index) failures.push("wrong");
  };
  const one = async (index: number, holds: boolean): Promise<void> => {
    const enclave = enclaves[index] as Enclave;
    if (index % 3 === 0) {
      const secret = enclave.unseal();
      secret.expose((bytes) => right(bytes, index));
      secret.destroy();
    } else if (!holds) {
      enclave.expose((bytes) => right(bytes, index));
    } else {
      await enclave.expose(async (bytes) => {
        overlapping += 1;
        most = Math.max(most, overlapping);
        await null;
        right(bytes, index);
        overlapping -= 1;
      });
    }
  };
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (next < count) {
        await one(next++, caller < holders).catch((error) => failures.push(`${error}`));
        await null;
      }
    }),
  );
  const { sealed: live } = secrets.stats;
  return {
    live,
    most,
    failures: failures.length,
    first: failures[0] ?? null,
    sealMs: Math.round(sealed - start),
    openMs: Math.round(performance.now() - sealed),
  };
}

function line(): string {
  const byte = Buffer.alloc(1);
  let text = "";
  for (;;) {
    let count = 0;
    try {
      count = readSync(0, byte);
    } catch (error) {
      if ((error as { code?: string }).code === "EAGAIN") continue;
      throw error;
    }
    if (count === 0) process.exit(0);
    if (byte[0] === 10) return text;
    text += String.fromCharCode(byte[0] as number);
  }
}

function say(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
}

say("ready");
for (;;) {
  const [name = "", ...values] = line().split(" ");
  if (name === "snapshot") (await import("node:v8")).writeHeapSnapshot(values[0]);
  else {
    const result = await COMMANDS[name]?.(...values.map(Number));
    if (name === "crowd") {
      say(result);
      continue;
    }
  }
  say("done");
  // What was written must be gone before the next line blocks the event loop.
  await new Promise((resolve) => setTimeout(resolve, 5));
}
