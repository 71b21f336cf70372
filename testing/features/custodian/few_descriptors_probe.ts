// Run by few_descriptors.test.ts in each runtime, with few descriptors: one more is left in each round.
import { closeSync, openSync, readdirSync } from "node:fs";
import type { OpenSecrets } from "../../../core/mod.ts";
import type { OpenCustodian } from "../../../features/custodian/mod.ts";
import { say } from "../../memories/pages/runtime.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openCustodian, openSecrets } = (await import(
  `../../../dist/adapters/${runtime}/mod.js`
)) as {
  readonly openCustodian: OpenCustodian;
  readonly openSecrets: OpenSecrets;
};
const secrets = openSecrets();

async function start(): Promise<string> {
  try {
    await (await openCustodian({ secrets })).close();
    return "started";
  } catch (error) {
    return (error as Error).message;
  }
}

/** What comes of a start with so many descriptors left. */
async function startWith(left: number): Promise<string> {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  }
  try {
    return await start();
  } finally {
    for (const descriptor of taken) closeSync(descriptor);
  }
}

const open = (): number => readdirSync("/proc/self/fd").length;
const outcomes: string[] = [await start()]; // what a runtime keeps from its first start is there now
await new Promise((resolve) => setTimeout(resolve, 100));
const before = open();
for (let left = 0; outcomes.indexOf("started", 1) === -1 && left < 20; left++) {
  outcomes.push(await startWith(left));
}
for (let waited = 0; open() > before && waited < 50; waited++) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
say({ outcomes, leaked: open() - before, live: secrets.stats.live });
process.exit();
