// Run by few_descriptors.test.ts in each runtime, with few descriptors: one more is left in each round.
import { closeSync, openSync, readdirSync } from "node:fs";
import type { OpenSecrets } from "../../../core/mod.ts";
import { watchDirectory } from "../../../features/rotation/watch_directory.ts";
import { landingOf, type OpenExecSource } from "../../../features/sources/mod.ts";
import { say } from "../../memories/pages/runtime.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets, openExecSource } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  readonly openSecrets: OpenSecrets;
  readonly openExecSource: OpenExecSource;
};
const secrets = openSecrets({ memory: "heap" });
const source = openExecSource();

async function read(): Promise<string> {
  try {
    (await source.read("/bin/echo secret", { land: landingOf(secrets) })).destroy();
    return "read";
  } catch (error) {
    return (error as Error).message;
  }
}

/** What comes of `work` with so many descriptors left. */
async function withLeft<T>(left: number, work: () => Promise<T>): Promise<T> {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  }
  try {
    return await work();
  } finally {
    for (const descriptor of taken) closeSync(descriptor);
  }
}

const open = (): number => readdirSync("/proc/self/fd").length;
const outcomes: string[] = [await read()];
const before = open();
for (let left = 0; left < 10; left++) outcomes.push(await withLeft(left, read));
outcomes.push(await read());
await new Promise((resolve) => setTimeout(resolve, 100));
const leaked = open() - before;
const watched = await withLeft(0, async () => {
  const ended = Promise.withResolvers<string>();
  const told = (error: unknown): void => ended.resolve((error as Error).message);
  watchDirectory("/")((error) => told(error), new AbortController().signal).catch(told);
  return await ended.promise;
});
say({ outcomes, leaked, watched, live: secrets.stats.live });
process.exit();
