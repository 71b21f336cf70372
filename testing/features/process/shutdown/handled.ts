/** A program that handles its exception, or fails to: handled.ts <runtime> <way>. Says what is live, when it ends and before. */
import { writeSync } from "node:fs";
import process from "node:process";
import type * as Entry from "../../../../adapters/node/mod.ts";
import type { Secrets } from "../../../../core/mod.ts";

const [, , runtime = "node", way = ""] = process.argv;
const { openSecrets, wipeOnExit }: typeof Entry = await import(
  `../../../../adapters/${runtime}/mod.ts`
);
const secrets = openSecrets({ memory: "heap" });
(globalThis as { kept?: unknown }).kept = secrets.random(32); // else a collection might end it
const say = (when: string): void => void writeSync(1, `${when} ${secrets.stats.live}\n`);
const fail = (): void => {
  throw new Error("of the application");
};

if (way === "error event") {
  const scope = globalThis as unknown as EventTarget;
  scope.addEventListener("error", (event) => event.preventDefault());
}
if (way === "exit throws") {
  process.on("exit", fail);
  process.on("uncaughtException", () => say("handled"));
}
if (way === "exception handled") process.on("uncaughtException", () => say("handled"));
const onRejection = way.startsWith("rejection");
if (way.endsWith("handler throws")) {
  process.on(onRejection ? "unhandledRejection" : "uncaughtException", fail);
}
if (way === "rejection beside, handler throws") process.on("uncaughtException", fail);
if (way.endsWith("throws") && way !== "exit throws") {
  wipeOnExit({ purge: () => void writeSync(1, "wiped\n") } as unknown as Secrets);
} else wipeOnExit(secrets);
process.on("exit", () => say("exit"));
if (onRejection) void Promise.reject(new Error("of the application"));
else if (way !== "exit throws") setTimeout(fail, 10);
setTimeout(() => say("later"), 50);
