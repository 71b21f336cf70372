// Run by main.ts in each runtime: measure.ts <memory> <reference library> <alone|busy>.
//
// C and JavaScript take turns, a few milliseconds each, in the same process and on pages of the
// same kind: what a shared machine does to the clock, it does to both.
import { createRequire } from "node:module";
import { setImmediate } from "node:timers";
import { exposeAll } from "../../core/mod.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { openKernel, openPages, openSecretmem } from "../../memories/pages/mod.ts";
import { programArguments, runtimeFfi, say } from "../../testing/memories/pages/runtime.ts";

const [name, library, company] = programArguments();
const ffi = await runtimeFfi();
const kernel = openKernel(ffi);
const memory = name === "secretmem" ? openSecretmem(kernel) : openPages(kernel);
const secrets = openSecrets({ memory });
const c = ffi.open(library ?? "", {
  mprotect_pair: { parameters: ["usize", "i32"], result: "isize" },
  sodium_cycle: { parameters: ["i32"], result: "isize" },
  pool_cycle: { parameters: ["i32"], result: "isize" },
  start_spinning: { parameters: [], result: "i32" },
} as const);
// As Lethe calls it: see system/libc.ts.
const { mprotect } = ffi.open("libc.so.6", {
  mprotect: { parameters: ["usize", "usize", "usize"], result: "i32" },
} as const);

type Located = ReturnType<typeof memory.allocate> & {
  readonly address: bigint;
  readonly slot: { readonly address: bigint };
};
const region = memory.allocate(32) as Located;
region.protect("read-write");
region.protect("no-access");
const page = region.slot.address;
const pageSize = BigInt(kernel.pageSize);
const secret = secrets.random(32);
const eight = Array.from({ length: 8 }, () => secrets.random(32));
let sum = 0;

interface Sodium {
  sodium_malloc(byteLength: number): Uint8Array;
  sodium_free(bytes: Uint8Array): void;
}

function sodiumNative(): Sodium | null {
  try {
    return createRequire(import.meta.url)("sodium-native") as Sodium;
  } catch {
    return null;
  }
}
const sodium = sodiumNative();

type Way = (rounds: number) => number | Promise<number>;

/** Nanoseconds of each. Every way has a loop of its own, since compilers specialize loops. */
function timed(loop: (rounds: number) => void): Way {
  return (rounds) => {
    const start = performance.now();
    loop(rounds);
    return ((performance.now() - start) * 1e6) / rounds;
  };
}

function apart(secretsLeft: typeof eight): void {
  const [first, ...rest] = secretsLeft;
  first?.expose((bytes) => {
    sum += bytes[0] ?? 0;
    apart(rest);
  });
}

const WAYS: Readonly<Record<string, Way>> = {
  "C: mprotect pair": (rounds) => Number(c.mprotect_pair(page, rounds)) / 1000,
  "JS: mprotect pair": timed((rounds) => {
    for (let i = 0; i < rounds; i++) {
      mprotect(page, pageSize, 1n);
      mprotect(page, pageSize, 0n);
    }
  }),
  "JS: mprotect pair, view, transfer": timed((rounds) => {
    let buffer = kernel.viewAt(region.address, 32);
    for (let i = 0; i < rounds; i++) {
      mprotect(page, pageSize, 1n);
      sum += new Uint8Array(buffer)[0] ?? 0;
      buffer = buffer.transfer();
      mprotect(page, pageSize, 0n);
    }
  }),
  "JS: view, transfer": (rounds) => {
    region.protect("read-only");
    let buffer = kernel.viewAt(region.address, 32);
    const start = performance.now();
    for (let i = 0; i < rounds; i++) {
      sum += new Uint8Array(buffer)[0] ?? 0;
      buffer = buffer.transfer();
    }
    const time = ((performance.now() - start) * 1e6) / rounds;
    region.protect("no-access");
    return time;
  },
  "region: expose": timed((rounds) => {
    for (let i = 0; i < rounds; i++) {
      region.protect("read-only");
      sum += region.view()[0] ?? 0;
      region.detach();
      region.protect("no-access");
    }
  }),
  "secret: expose": timed((rounds) => {
    for (let i = 0; i < rounds; i++) sum += secret.expose((bytes) => bytes[0] ?? 0);
  }),
  "C: sodium_malloc, write, sodium_free": (rounds) =>
    Number(c.sodium_cycle(Math.ceil(rounds / 10))) / 1000,
  ...(sodium === null
    ? {}
    : { "sodium-native: malloc, write, free": (n: number) => raw(sodium, n) }),
  "C: pool of memfd_secret": (rounds) => Number(c.pool_cycle(rounds)) / 1000,
  "region: allocate, write, destroy": timed((rounds) => {
    for (let i = 0; i < rounds; i++) {
      const fresh = memory.allocate(32);
      fresh.protect("read-write");
      fresh.view()[0] = 1;
      fresh.wipe();
      fresh.detach();
      fresh.protect("no-access");
      fresh.release();
    }
  }),
  "secret: allocate, destroy": timed((rounds) => {
    for (let i = 0; i < rounds; i++) secrets.allocate(32).destroy();
  }),
  "secret: allocate, write, destroy": timed((rounds) => {
    for (let i = 0; i < rounds; i++) {
      const fresh = secrets.allocate(32);
      fresh.modify((bytes) => {
        bytes[0] = 1;
      });
      fresh.destroy();
    }
  }),
  "eight secrets: expose in expose": timed((rounds) => {
    for (let i = 0; i < rounds; i += 8) apart(eight);
  }),
  "eight secrets: exposeAll": timed((rounds) => {
    for (let i = 0; i < rounds; i += 8) {
      exposeAll(eight, (views) => {
        for (const bytes of views) sum += bytes[0] ?? 0;
      });
    }
  }),
};

/** What sodium-native frees is given back when the event loop turns, which belongs to the time. */
async function raw({ sodium_malloc, sodium_free }: Sodium, rounds: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < rounds; i++) {
    const bytes = sodium_malloc(32);
    bytes[0] = 1;
    sodium_free(bytes);
  }
  await new Promise((resolve) => setImmediate(resolve));
  return ((performance.now() - start) * 1e6) / rounds;
}

for (const [way, run] of Object.entries(WAYS)) {
  for (let i = 0; i < (way.startsWith("C") || way.startsWith("sodium") ? 1 : 60); i++)
    await run(400);
}
if (company === "busy") c.start_spinning();
const results: Record<string, number[]> = {};
for (let turn = 0; turn < 40; turn++) {
  for (const [way, run] of Object.entries(WAYS)) {
    results[way] = [...(results[way] ?? []), await run(300)];
  }
}
say({ results, sum });
// The spinning thread would keep some runtimes from ending.
(globalThis as { Deno?: { exit(): never } }).Deno?.exit();
(globalThis as { process?: { exit(): never } }).process?.exit();
