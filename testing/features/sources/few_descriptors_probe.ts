// Run by few_descriptors.test.ts in each runtime, with few descriptors: one more is left in each round.
import { readdirSync, readFileSync } from "node:fs";
import type { OpenSecrets } from "../../../core/mod.ts";
import { watchDirectory } from "../../../features/rotation/watch_directory.ts";
import {
  landingOf,
  type OpenEnvironmentSource,
  type OpenExecSource,
  type SecretSource,
} from "../../../features/sources/mod.ts";
import { say } from "../../memories/pages/runtime.ts";
import { withDescriptorsLeft } from "../../system/descriptors_left.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets, openEnvironmentSource, openExecSource } = (await import(
  `../../../adapters/${runtime}/mod.ts`
)) as {
  readonly openSecrets: OpenSecrets;
  readonly openEnvironmentSource: OpenEnvironmentSource;
  readonly openExecSource: OpenExecSource;
};
const secrets = openSecrets({ memory: "heap" });
const programs = openExecSource();
const environment = openEnvironmentSource();
const read = (): Promise<string> => readOf(programs, "/bin/echo secret");

async function readOf(source: SecretSource, reference: string): Promise<string> {
  try {
    (await source.read(reference, { land: landingOf(secrets) })).destroy();
    return "read";
  } catch (error) {
    return (error as Error).message;
  }
}

const open = (): number => readdirSync("/proc/self/fd").length;
const outcomes: string[] = [await read()];
const before = open();
for (let left = 0; left < 10; left++) outcomes.push(await withDescriptorsLeft(left, read));
outcomes.push(await read());
// Deno closes the pipes of a program that has ended in a thread.
for (let waited = 0; open() > before && waited < 50; waited++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const leaked = open() - before;
const watched = await withDescriptorsLeft(0, async () => {
  const ended = Promise.withResolvers<string>();
  const told = (error: unknown): void => ended.resolve((error as Error).message);
  watchDirectory("/")((error) => told(error), new AbortController().signal).catch(told);
  return await ended.promise;
});
/** What comes of a variable without a descriptor, and with some; and whether others still see it. */
async function take(name: string): Promise<readonly [string, string, boolean]> {
  const first = await withDescriptorsLeft(0, () => readOf(environment, name));
  const next = await readOf(environment, name);
  return [first, next, readFileSync("/proc/self/environ", "latin1").includes(`${name}=secret`)];
}

const taken = [await take("LETHE_TEST_FIRST"), await take("LETHE_TEST_NEXT")];
say({ outcomes, leaked, watched, taken, live: secrets.stats.live });
process.exit();
