// Run by main.ts in each runtime: measure.ts <memory> <reference library> <alone|busy>.
//
// C and JavaScript take turns, a few milliseconds each, in the same process and on pages of the
// same kind: what a shared machine does to the clock, it does to both.
import { openKernel, openPages, openSecretmem } from "../../adapters/posix/mod.ts";
// biome-ignore lint/style/noRestrictedImports: what is measured lies below the public entries
import { programArguments, runtimeFfi, say } from "../../adapters/posix/testdata/runtime.ts";

const [name, library, company] = programArguments();
const ffi = await runtimeFfi();
const kernel = openKernel(ffi);
const memory = name === "secretmem" ? openSecretmem(kernel) : openPages(kernel);
const c = ffi.open(library ?? "", {
  mprotect_pair: { parameters: ["usize", "i32"], result: "isize" },
  sodium_cycle: { parameters: ["i32"], result: "isize" },
  start_spinning: { parameters: [], result: "i32" },
} as const);
const { mprotect } = ffi.open("libc.so.6", {
  mprotect: { parameters: ["usize", "usize", "i32"], result: "i32" },
} as const);

type Located = ReturnType<typeof memory.allocate> & { readonly slot: { readonly address: bigint } };
const allocate = (): Located => memory.allocate(32) as Located;
const one = allocate();
const page = one.slot.address;
const pageSize = BigInt(kernel.pageSize);
const several = Array.from({ length: 8 }, allocate);
for (const region of [one, ...several]) {
  region.protect("read-write");
  region.protect("no-access");
}
let sum = 0;

function perRound(start: number, rounds: number): number {
  return ((performance.now() - start) * 1e6) / rounds;
}

/** Nanoseconds of each, one way after the other. Each has a loop of its own: compilers share none. */
const WAYS: Readonly<Record<string, (rounds: number) => number>> = {
  "C: mprotect pair": (rounds) => Number(c.mprotect_pair(page, rounds)) / 1000,
  "JS: bare mprotect pair": (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) {
      mprotect(page, pageSize, 1);
      mprotect(page, pageSize, 0);
    }
    return perRound(start, rounds);
  },
  "JS: protect pair": (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) {
      one.protect("read-only");
      one.protect("no-access");
    }
    return perRound(start, rounds);
  },
  "JS: expose": (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) {
      one.protect("read-only");
      sum += one.view()[0] ?? 0;
      one.detach();
      one.protect("no-access");
    }
    return perRound(start, rounds);
  },
  "JS: view and detach alone": (rounds) => {
    one.protect("read-only");
    const start = performance.now();
    for (let i = 0; i < rounds; i++) {
      sum += one.view()[0] ?? 0;
      one.detach();
    }
    const time = perRound(start, rounds);
    one.protect("no-access");
    return time;
  },
  "C: sodium_malloc, write, sodium_free": (rounds) =>
    Number(c.sodium_cycle(Math.ceil(rounds / 10))) / 1000,
  "JS: allocate, write, destroy": (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) {
      const region = allocate();
      region.protect("read-write");
      region.view()[0] = 1;
      region.wipe();
      region.detach();
      region.protect("no-access");
      region.release();
    }
    return perRound(start, rounds);
  },
  "JS: eight together": (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i += 8) {
      memory.protectAll(several, "read-only");
      memory.protectAll(several, "no-access");
    }
    return perRound(start, rounds / 8);
  },
  "JS: eight apart": (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i += 8) {
      for (const region of several) region.protect("read-only");
      for (const region of several) region.protect("no-access");
    }
    return perRound(start, rounds / 8);
  },
};

// Node compiles an FFI call to a direct one after some 50,000 of them.
for (const [way, run] of Object.entries(WAYS)) if (way.startsWith("JS")) run(40_000);
if (company === "busy") c.start_spinning();
const results: Record<string, number[]> = {};
for (let turn = 0; turn < 60; turn++) {
  for (const [way, run] of Object.entries(WAYS)) {
    results[way] = [...(results[way] ?? []), run(300)];
  }
}
say({ results, sum });
// The spinning thread would keep some runtimes from ending.
(globalThis as { Deno?: { exit(): never } }).Deno?.exit();
(globalThis as { process?: { exit(): never } }).process?.exit();
