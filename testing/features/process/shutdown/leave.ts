/** Ends with a secret live, in the way that its first argument says, once standard input says so. */
import { writeSync } from "node:fs";
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import type * as Adapter from "../../../../adapters/node/mod.ts";
import { deriveInto } from "../../../../conformance/forensics/derived_needle.ts";
import { offHeapBytes } from "../../../../core/mod.ts";
import { atHand } from "../../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const [, , way = "normal", mode = "wipe", memory = "auto"] = process.argv;
const say = (text: string): void => void writeSync(1, `${text}\n`);

const secrets = adapter.openSecrets({ memory });
const bytes = offHeapBytes(64);
deriveInto(8101, bytes);
const secret = secrets.move(bytes);
// Several: Deno gives its memory back before it ends, and what was one may be written over by then.
const witnesses = Array.from({ length: 16 }, () => {
  const witness = offHeapBytes(512);
  deriveInto(8102, witness);
  return witness;
});
// Else they are collected, and the secret is wiped for that.
Object.assign(globalThis, { secret, witnesses });

const handledSignals = mode === "purge" ? "purge" : "keep";
const stopWiping = mode === "keep" ? undefined : adapter.wipeOnExit(secrets, { handledSignals });
const { Deno } = globalThis as unknown as { Deno?: { exit(code: number): void } };
const wait = (): unknown => setInterval(() => undefined, 1000);

const WAYS: Readonly<Record<string, () => void>> = {
  normal: () => undefined,
  "process.exit": () => process.exit(7),
  "Deno.exit": () => Deno?.exit(7),
  exception() {
    throw new Error("of the application");
  },
  rejection: () => void Promise.reject(new Error("of the application")),
  wait,
  handled() {
    const clock = setInterval(() => undefined, 1000);
    process.on("SIGTERM", () => {
      clearInterval(clock);
      say(`live ${secrets.stats.live}`);
      process.exitCode = 5;
    });
  },
  /** A handler that never ends the program: a second signal still reaches it. */
  stubborn() {
    wait();
    process.on("SIGTERM", () => say(`live ${secrets.stats.live}`));
  },
  removed() {
    stopWiping?.();
    stopWiping?.();
    say(`listeners ${process.listenerCount("SIGTERM")} ${process.listenerCount("exit")}`);
    wait();
  },
  worker() {
    const argv = ["normal", "tell", "heap"];
    const worker = new Worker(new URL(import.meta.url), { argv });
    worker.on("exit", (code) => say(`worker ${code}, here ${secrets.stats.live}`));
  },
};

if (isMainThread) {
  process.stdin.once("data", () => {
    process.stdin.pause();
    WAYS[way]?.();
    say("under way");
  });
  say(`ready ${process.pid} ${secret.byteLength} ${witnesses.length}`);
} else {
  process.on("exit", () => say(`live in the worker ${secrets.stats.live}`));
}
