// Run by pkcs11.environment.test.ts in each runtime, with one job as JSON. It says `ready PID JSON`, and waits to be scanned or ended.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { KeyWrapper } from "../../../core/contract/key_wrapper.ts";
import { offHeapBytes, type SecretBuffer, type Secrets } from "../../../core/mod.ts";
import { runWrapperConformance } from "../../../features/envelopes/mod.ts";
import { cached } from "../../../features/key_cache/mod.ts";
import type { OaepHash, OpenPkcs11, UsePkcs11 } from "../../../features/pkcs11/types.ts";
import { load } from "../../load.ts";
import { programArguments } from "../../memories/pages/runtime.ts";

export interface Job {
  readonly memory: string;
  readonly does:
    | "conform"
    | "wrap"
    | "both"
    | "unwrap"
    | "many"
    | "rounds"
    | "keep"
    | "until"
    | "cached"
    | "hang"
    | "land";
  readonly uri: string;
  readonly other?: string;
  readonly hash?: OaepHash;
  readonly pin: string;
  /** A file with the body of a stanza, and the arguments of that stanza. */
  readonly body?: string;
  readonly args?: readonly [string, ...string[]];
  /** The file key is derived from it. */
  readonly seed: number;
  readonly rounds?: number;
  readonly spendLastTry?: boolean;
  /** Files of PINs that are tried one after another, one that ends with `!` may spend the last try. */
  readonly pins?: readonly string[];
  /** In a separate process, which gets these variables of this one. */
  readonly isolated?: readonly string[];
  readonly timeout?: number;
  /** The file of the shim's fault. */
  readonly fault?: string;
}

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  openSecrets(options: { memory: string }): Secrets;
};
const { openPkcs11, usePkcs11 } = (await import(`../../../adapters/${runtime}/pkcs11.ts`)) as {
  openPkcs11: OpenPkcs11;
  usePkcs11: UsePkcs11;
};
type Key = KeyWrapper & { readonly pid?: number; destroy(): void };
const job = JSON.parse(programArguments()[0] ?? "{}") as Job;
const secrets = openSecrets({ memory: job.memory });
/** What a program does without this: the scan that finds it finds the others as well. */
const witness = offHeapBytes(512);
deriveInto(job.seed + 1, witness);

async function use(uri: string = job.uri, given: Partial<Job> = {}): Promise<Key> {
  const { hash, spendLastTry, isolated, timeout, pin } = { ...job, ...given };
  const bytes = load(pin);
  const options = {
    ...{ uri, pin: bytes },
    ...(hash === undefined ? {} : { hash }),
    ...(spendLastTry === undefined ? {} : { spendLastTry }),
  };
  if (isolated === undefined) return usePkcs11(secrets, options);
  const environment = Object.fromEntries(isolated.map((name) => [name, process.env[name] ?? ""]));
  const key = await openPkcs11(secrets, {
    ...{ ...options, environment },
    ...(timeout === undefined ? {} : { timeout }),
  });
  if (bytes.some((byte) => byte !== 0)) throw new Error("the PIN was not wiped");
  return key;
}

function land(length: number, fill: (page: Uint8Array<ArrayBuffer>) => void): SecretBuffer {
  return secrets.land(length, fill);
}

async function round(key: Key, fileKey: SecretBuffer): Promise<boolean> {
  const opened = await key.unwrap(await key.wrap(fileKey), land);
  const same = opened?.equals(fileKey) ?? false;
  opened?.destroy();
  return same;
}

/** What each PIN gives, of a wrapper for it alone. */
async function tryPins(pins: readonly string[]): Promise<unknown> {
  const said: unknown[] = [];
  for (const name of pins) {
    const spendLastTry = name.endsWith("!");
    const given = { pin: name.replace(/!$/, ""), hash: "sha1", spendLastTry } as const;
    try {
      (await use(job.uri, given)).destroy();
      said.push("works");
    } catch (error) {
      const { returnValue, triesLeft } = error as Record<string, unknown>;
      said.push([returnValue, triesLeft]);
    }
  }
  return said;
}

/** Lets one login of a wrapper fail, and uses it twice more. */
async function failOnce(key: Key, fileKey: SecretBuffer): Promise<unknown> {
  const said: unknown[] = [];
  writeFileSync(job.fault ?? "", "C_Login a0");
  for (let time = 0; time < 3; time++) {
    try {
      await key.wrap(fileKey);
      said.push("works");
    } catch (error) {
      said.push((error as { returnValue?: unknown }).returnValue);
    }
    rmSync(job.fault ?? "", { force: true });
  }
  return said;
}

async function live(fileKey: SecretBuffer): Promise<unknown> {
  if (job.pins !== undefined) return await tryPins(job.pins);
  if (job.does === "conform") {
    const [wrapper, other] = [await use(), await use(job.other)];
    const faults = await runWrapperConformance({ secrets, wrapper, other });
    for (const key of [wrapper, other]) key.destroy();
    return faults;
  }
  const key = await use();
  try {
    if (job.does === "wrap" || job.does === "both") {
      const stanzas = await key.wrap(fileKey);
      writeFileSync(job.body ?? "", stanzas[0]?.body ?? new Uint8Array(0));
      if (job.does === "both") (await key.unwrap(stanzas, land))?.destroy();
      return stanzas[0]?.args;
    }
    if (job.does === "unwrap") {
      const body = new Uint8Array(readFileSync(job.body ?? ""));
      const opened = await key.unwrap([{ args: job.args as never, body }], land);
      return opened?.equals(fileKey) ?? null;
    }
    if (job.does === "many") {
      const all = Array.from({ length: 16 }, () => round(key, fileKey));
      return (await Promise.all(all)).filter((same) => same).length;
    }
    if (job.does === "hang") {
      kept.push(key);
      writeFileSync(job.fault ?? "", "C_Encrypt bed");
      void Promise.resolve(key.wrap(secrets.random(16))).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return "hangs";
    }
    if (job.does === "land") return await landing(key, fileKey);
    if (job.does === "cached") return await useCached(key, fileKey);
    if (job.fault !== undefined) return await failOnce(key, fileKey);
    if (job.does === "until") return await untilItFails(key, fileKey);
    for (let count = 0; count < (job.rounds ?? 1); count++) {
      if (!(await round(key, fileKey))) return "another key";
    }
    if (job.does === "keep") {
      kept.push(key);
      return "ok";
    }
    return "ok";
  } finally {
    if (kept.length === 0) key.destroy();
  }
}

const kept: { destroy(): void }[] = [];

/** Pages of memfd_secret that are readable: at rest, and while the caller's code runs, which then ends its key. */
async function landing(key: Key, fileKey: SecretBuffer): Promise<unknown> {
  const open = (): number =>
    readFileSync("/proc/self/maps", "latin1").match(/^\S+ r.*secretmem/gm)?.length ?? 0;
  const stanzas = await key.wrap(fileKey);
  const counts = [open()];
  const opened = await key.unwrap(stanzas, (length, fill) => {
    counts.push(open());
    key.destroy();
    return land(length, fill);
  });
  const same = opened?.equals(fileKey) ?? null;
  opened?.destroy();
  return { counts, same };
}

/** Opens once, four times more while no login works, and beyond what the cache may give; then it works again. */
async function useCached(key: Key, fileKey: SecretBuffer): Promise<unknown> {
  const cache = cached(secrets, key, { maxAge: 600_000, uses: 5, entries: 3 });
  kept.push({ destroy: () => cache.close() }, key);
  const stanzas = await cache.wrap(fileKey);
  const said: unknown[] = [];
  for (let time = 0; time < 8; time++) {
    if (time === 1) writeFileSync(job.fault ?? "", "C_Login 30");
    if (time === 7) rmSync(job.fault ?? "", { force: true });
    try {
      const opened = await cache.unwrap(stanzas, land);
      said.push(opened?.equals(fileKey) ?? null);
      opened?.destroy();
    } catch (error) {
      said.push((error as { returnValue?: unknown }).returnValue);
    }
  }
  return said;
}

/** Works until something fails, and then until it works again, ten seconds at most. */
async function untilItFails(key: Key, fileKey: SecretBuffer): Promise<unknown> {
  let failure: unknown = null;
  process.stdout.write("started\n");
  for (let pauses = 0; pauses < 100; ) {
    try {
      if (!(await round(key, fileKey))) return "another key";
      if (failure !== null) return { failure, after: "works again" };
    } catch (error) {
      failure ??= describe(error);
      pauses += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { failure, after: "fails" };
}

function describe(error: unknown): unknown {
  const { name, code, message, returnValue, triesLeft } = error as Record<string, unknown>;
  return { name, code, message, returnValue, triesLeft };
}

const fileKey = secrets.land(16, (page) => deriveInto(job.seed, page));
let outcome: unknown;
try {
  outcome = await live(fileKey);
} catch (error) {
  outcome = describe(error);
} finally {
  fileKey.destroy();
}
const isolatedPid = kept.map((key) => (key as Key).pid).find((pid) => pid !== undefined);
const said = {
  outcome,
  isolatedPid,
  memory: secrets.memory,
  live: secrets.stats.live,
  kept: witness.length,
};
process.stdout.write(`ready ${process.pid} ${JSON.stringify(said)}\n`);
await new Promise((resolve) => process.stdin.once("close", resolve).resume());
for (const key of kept) key.destroy();
