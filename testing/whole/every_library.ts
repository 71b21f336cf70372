// Run by libraries.attack.test.ts in each runtime, in a folder with planted libraries: takes every way to the
// C library that Lethe has. What cannot be opened is no matter here.
import { closeSync, openSync } from "node:fs";
import type * as Adapter from "../../adapters/node/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { runtimeFfi } from "../memories/pages/runtime.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(`../../adapters/${runtime}/mod.ts`);

async function attempt(work: () => unknown): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
}

const NAMES = ["libplanted.so", "libc.so", "libc.musl-x86_64.so.1", "libc.so.6"];
const secrets = adapter.openSecrets();
const line = openSync("/proc/self/comm", "r");
const ended = {
  ffi: await attempt(async () => {
    const ffi = await runtimeFfi();
    const signatures = { getpid: { parameters: [], result: "i32" } } as const;
    for (const name of NAMES) await attempt(() => ffi.open(name, signatures));
  }),
  keys: await attempt(() => adapter.openKeyFiles(secrets, { onMisuse: "throw" }).inspect("none")),
  prompt: await attempt(() => adapter.promptSecret(secrets, "", { descriptor: line })),
  harden: await attempt(() => adapter.hardenProcess()),
};
closeSync(line);
process.stdout.write(JSON.stringify({ memory: secrets.memory, ended }));
