// Run by main.ts in each runtime: measure.ts <adapter> <memory> <reference library> <libsodium>.
//
// C, C called on addresses, and Lethe take turns, a few milliseconds each, in one process and on pages of
// one kind: what a shared machine does to the clock, it does to all of them.

import { type Runtime, type SecretBuffer, secretsOpener } from "../../core/mod.ts";
import { openCrypto } from "../../features/crypto/mod.ts";
import { openEnclaves } from "../../features/enclave/open_enclaves.ts";
import { openKernel, openPages, openSecretmem } from "../../memories/pages/mod.ts";
import { programArguments, runtimeFfi, say } from "../../testing/memories/pages/runtime.ts";
import { openAddressed } from "./addressed.ts";

const [adapter, name, reference = "", libsodium = ""] = programArguments();
const { runtime } = (await import(`../../adapters/${adapter}/mod.ts`)) as { runtime: Runtime };
const ffi = await runtimeFfi();
const kernel = openKernel(ffi);
const memory = name === "secretmem" ? openSecretmem(kernel) : openPages(kernel);
const secrets = secretsOpener(runtime)({ memory });
const crypto = openCrypto(secrets);
const key = secrets.random(32);
const { secretKey } = crypto.signKeyPair();
const message = new Uint8Array(new ArrayBuffer(32)).fill(1);
const context = new TextEncoder().encode("context_");
const enclave = openEnclaves(secrets).seal(secrets.random(32));

/** A closed region on a page of its own, with the key pair in it. */
function located(): ReturnType<typeof memory.allocate> & { address: bigint } {
  const region = memory.allocate(64) as ReturnType<typeof located>;
  region.protect("read-write");
  secretKey.expose((bytes) => region.view().set(bytes));
  region.detach();
  region.protect("no-access");
  return region;
}

const c = ffi.open(reference, {
  use_secrets: { parameters: ["usize", "usize"], result: "i32" },
  measure: { parameters: ["i32", "i32"], result: "isize" },
} as const);
const [keyRegion, made] = [located(), located()];
if (c.use_secrets(keyRegion.address, made.address) !== 0) throw new Error("Cannot start libsodium");
const addressed = openAddressed(ffi, libsodium, keyRegion, made, message);

const LETHE: Readonly<Record<string, () => void>> = {
  encrypt: () => void crypto.encrypt(key, message),
  hmac: () => crypto.hmac(key, message).destroy(),
  derive: () => crypto.deriveSubkey(key, 1, context).destroy(),
  sign: () => void crypto.sign(secretKey, message),
  open: () => enclave.unseal().destroy(),
};

type Loop = (rounds: number) => number;
/** Nanoseconds of each. */
function timed(work: () => void): Loop {
  return (rounds) => {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) work();
    return ((performance.now() - start) * 1e6) / rounds;
  };
}

/** Making the secrets that are sealed is not counted, nor is destroying the enclaves. */
function seal(rounds: number): number {
  const fresh: readonly SecretBuffer[] = Array.from({ length: rounds }, () => secrets.random(32));
  const start = performance.now();
  const enclaves = fresh.map((secret) => openEnclaves(secrets).seal(secret));
  const time = ((performance.now() - start) * 1e6) / rounds;
  for (const each of enclaves) each.destroy();
  return time;
}

const C = ["encrypt", "hmac", "derive", "sign", "seal", "open"];
const ways: readonly (readonly [string, Loop])[] = [
  ...C.map(
    (work, at) => [`C: ${work}`, (rounds: number) => Number(c.measure(at, rounds)) / 1000] as const,
  ),
  ...Object.entries(addressed).map(([work, run]) => [`addresses: ${work}`, timed(run)] as const),
  ...Object.entries(LETHE).map(([work, run]) => [`Lethe: ${work}`, timed(run)] as const),
  ["Lethe: seal", seal],
];
for (const [way, run] of ways) for (let i = 0; i < (way.startsWith("C") ? 1 : 30); i++) run(200);
const results: Record<string, number[]> = {};
for (let turn = 0; turn < 40; turn++) {
  for (const [way, run] of ways) results[way] = [...(results[way] ?? []), run(200)];
}
say({ engine: crypto.engine, results });
(globalThis as { Deno?: { exit(): never } }).Deno?.exit();
(globalThis as { process?: { exit(): never } }).process?.exit();
