// Run by main.ts in each runtime: million.ts <runtime> <memory> <count>.

import { readFileSync } from "node:fs";
import process from "node:process";
import type { Runtime, Secrets } from "../../core/mod.ts";
import { secretsOpener } from "../../core/mod.ts";
import type { Enclave } from "../../features/enclave/mod.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";

const [name, memory, wanted] = process.argv.slice(2);
const { runtime } = (await import(`../../adapters/${name}/mod.ts`)) as { runtime: Runtime };
const secrets: Secrets = secretsOpener(runtime)({ memory: memory ?? "auto" });
const count = Number(wanted);
const TENTHS = 10;

function status(field: string): number {
  const text = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);
}
/** Several collections: what one frees, the next gives back. */
async function settle(): Promise<void> {
  const host = globalThis as { gc?: (how: object) => void; Bun?: { gc(force: boolean): void } };
  for (let round = 0; round < 3; round++) {
    // V8 keeps freed pages of its heap unless memory is short.
    host.gc?.({ type: "major", flavor: "last-resort", execution: "sync" });
    host.Bun?.gc(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
/** The longest time in which the event loop did not turn, in milliseconds. */
async function longestStall(work: () => Promise<void>): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  await work();
  longest = Math.max(longest, performance.now() - last);
  clearInterval(timer);
  return longest;
}

const enclaves: Enclave[] = new Array(count);
// Cloned from one: opened and sealed anew each, without making a million secrets first.
const first = openEnclaves(secrets).seal(secrets.random(32));
enclaves.fill(first);
for (let round = 0; round < 10_000; round++) first.clone().destroy();
await settle();
const before = status("VmRSS");
const tenths: number[] = [];
for (let tenth = 0; tenth < TENTHS; tenth++) {
  const start = performance.now();
  for (let index = (tenth * count) / TENTHS; index < ((tenth + 1) * count) / TENTHS; index++) {
    enclaves[index] = first.clone();
  }
  tenths.push(Math.round(((performance.now() - start) * 1e6 * TENTHS) / count));
}
const fresh = status("VmRSS");
await settle();
const after = status("VmRSS");
const locked = status("VmLck");
const start = performance.now();
const idle = await longestStall(() => new Promise((resolve) => setTimeout(resolve, 2000)));
const began = performance.now();
const stall = await longestStall(() => openEnclaves(secrets).rekey());
const rekeyMs = performance.now() - began;
let right = 0;
for (let index = 0; index < count; index += 997) {
  right += enclaves[index]?.expose((bytes) => bytes.length) ?? 0;
}
const purged = performance.now();
secrets.purge();
const purgeMs = performance.now() - purged;
process.stdout.write(
  `${JSON.stringify({
    memory: secrets.memory,
    bytesEach: Math.round(((after - before) * 1024) / count),
    bytesEachBeforeCollection: Math.round(((fresh - before) * 1024) / count),
    lockedKiB: locked,
    cloneNs: tenths,
    idleStallMs: Math.round(idle * 10) / 10,
    rekeyStallMs: Math.round(stall * 10) / 10,
    rekeyMs: Math.round(rekeyMs),
    purgeMs: Math.round(purgeMs * 100) / 100,
    right: right === 32 * Math.ceil(count / 997),
    seconds: Math.round((performance.now() - start) / 1000),
  })}\n`,
);
process.exit(0);
