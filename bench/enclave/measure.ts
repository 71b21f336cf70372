// Run by main.ts in each runtime: measure.ts <runtime> <memory> <bytes> <rounds>.

import process from "node:process";
import type { Runtime, SecretBuffer, Secrets } from "../../core/mod.ts";
import { secretsOpener } from "../../core/mod.ts";
import type { Enclave } from "../../features/enclave/mod.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";

const [name, memory, bytes, rounds] = process.argv.slice(2);
const { runtime } = (await import(`../../adapters/${name}/mod.ts`)) as { runtime: Runtime };
const secrets: Secrets = secretsOpener(runtime)({ memory: memory ?? "auto" });
const byteLength = Number(bytes);
const count = Number(rounds);
const RUNS = 60;
let sum = 0;

/** Nanoseconds each, the least of several runs. What `prepare` and `clean` take is not counted. */
function least<T>(prepare: () => readonly T[], work: (item: T) => void, clean: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) {
    const items = prepare();
    const start = performance.now();
    for (const item of items) work(item);
    best = Math.min(best, ((performance.now() - start) * 1e6) / items.length);
    clean();
  }
  return best;
}

let enclaves: Enclave[] = [];
let opened: SecretBuffer[] = [];
const live = Math.min(count, 500);
const seal = least(
  () => Array.from({ length: live }, () => secrets.random(byteLength)),
  (secret) => enclaves.push(openEnclaves(secrets).seal(secret)),
  () => {
    for (const enclave of enclaves) enclave.destroy();
    enclaves = [];
  },
);
const one = openEnclaves(secrets).seal(secrets.random(byteLength));
const many = Array.from({ length: count }, () => one);
const expose = least(
  () => many,
  (enclave) => {
    sum += enclave.expose((view) => view[0] ?? 0);
  },
  () => undefined,
);
const open = least(
  () => many.slice(0, live),
  (enclave) => opened.push(enclave.unseal()),
  () => {
    for (const secret of opened) secret.destroy();
    opened = [];
  },
);
const openDestroy = least(
  () => many,
  (enclave) => enclave.unseal().destroy(),
  () => undefined,
);
const result = { memory: secrets.memory, seal, expose, open, openDestroy, sum: sum >= 0 };
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
