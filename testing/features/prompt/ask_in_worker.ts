/** Asks in a worker thread, while the main thread does nothing with the terminal. */
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import type * as Adapter from "../../../adapters/node/mod.ts";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { execArgv: [] });
  worker.on("message", (text) => {
    process.stdout.write(`${text}\n`);
    setTimeout(() => undefined, 1000); // a runtime may set the terminal back when it ends
  });
  worker.on("error", (error: unknown) => void process.stdout.write(`failed ${error}\n`));
} else {
  const { parentPort } = await import("node:worker_threads");
  const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
  const adapter: typeof Adapter = await import(`../../../adapters/${runtime}/mod.ts`);
  const secrets = adapter.openSecrets();
  try {
    const secret = await adapter.promptSecret(secrets, "password: ");
    const hex = secret.expose((bytes) => Buffer.from(bytes).toString("hex"));
    secret.destroy();
    parentPort?.postMessage(`got ${hex} live ${secrets.stats.live}`);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    parentPort?.postMessage(`rejected ${code} ${message}`);
  }
  parentPort?.close();
}
