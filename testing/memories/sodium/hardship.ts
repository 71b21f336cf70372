/** Takes away what the pool lives on, and tells how it fared. */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { LetheError, type SecretBuffer } from "../../../core/mod.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";
import type { SodiumAllocator } from "../../../system/sodium_native/sodium_native.ts";

const secrets = openSecrets({ memory: openSodiumMemory() });
const live: SecretBuffer[] = [];

function attempt(byteLength: number): string {
  try {
    const secret = secrets.allocate(byteLength);
    live.push(secret);
    return secret.guarantees.locked.verified ? "locked" : secret.guarantees.locked.level;
  } catch (error) {
    return error instanceof LetheError ? error.code : String(error);
  }
}

const limit = (option: string): unknown =>
  execFileSync("prlimit", ["--pid", String(process.pid), option]);
const column = (name: string): number =>
  Number(
    new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(readFileSync("/proc/self/status", "latin1"))?.[1],
  );

const HARDSHIPS: Readonly<Record<string, () => readonly string[]>> = {
  /** Address space for 1 GiB more: 2^31 - 1 bytes and a GiB do not fit, a key does. */
  "address-space"() {
    limit(`--as=${(column("VmSize") + 2 ** 20) * 1024}`);
    return [attempt(2 ** 31 - 1), attempt(2 ** 30), attempt(2 ** 20), attempt(32)];
  },
  "data-size"() {
    limit(`--data=${(column("VmData") + 2 ** 20) * 1024}`);
    return [attempt(2 ** 31 - 1), attempt(2 ** 20), attempt(32)];
  },
  /** The application maps itself, after the pool has counted. */
  mappings() {
    const sodium = createRequire(import.meta.url)("sodium-native") as SodiumAllocator;
    const theirs = Array.from({ length: 11_000 }, () => sodium.sodium_malloc(16));
    let outcome = "";
    while (live.length < 20_000 && !outcome.startsWith("ERR")) outcome = attempt(32);
    return [outcome, theirs.length + live.length < 13_200 ? "in time" : "late"];
  },
  /** No descriptor is left to open `/proc` with; then there is one again. */
  descriptors() {
    limit("--nofile=64");
    const opened: number[] = [];
    try {
      for (;;) opened.push(openSync("/dev/null", "r"));
    } catch {
      // EMFILE
    }
    const without = Array.from({ length: 20 }, () => attempt(32));
    for (const descriptor of opened) closeSync(descriptor);
    for (const secret of live.splice(0)) secret.destroy();
    const after = Array.from({ length: 20 }, () => attempt(32));
    return [[...new Set(without)].sort().join(" "), [...new Set(after)].join(" ")];
  },
};

const outcome = HARDSHIPS[process.argv[2] ?? ""]?.();
secrets.purge();
process.stdout.write(JSON.stringify(outcome));
