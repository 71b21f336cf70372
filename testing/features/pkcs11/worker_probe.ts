// Run by pkcs11.environment.test.ts: a thread uses a module that another thread of the process holds, and then alone.
import { readFileSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import type { Secrets } from "../../../core/mod.ts";
import type { UsePkcs11 } from "../../../features/pkcs11/types.ts";
import { programArguments } from "../../memories/pages/runtime.ts";
import type { Job } from "./probe.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  openSecrets(): Secrets;
};
const { usePkcs11 } = (await import(`../../../adapters/${runtime}/pkcs11.ts`)) as {
  usePkcs11: UsePkcs11;
};
const { uri, pin } = JSON.parse(programArguments()[0] ?? "{}") as Job;

const worker = new Worker(new URL("./worker_thread.ts", import.meta.url), {
  workerData: { runtime, uri, pin },
});
const answer = (): Promise<unknown> => new Promise((resolve) => worker.once("message", resolve));
const key = usePkcs11(openSecrets(), { uri, pin: new Uint8Array(readFileSync(pin)) });
worker.postMessage("try");
const beside = await answer();
key.destroy();
worker.postMessage("try");
process.stdout.write(`${beside} then ${await answer()}\n`);
await worker.terminate();
