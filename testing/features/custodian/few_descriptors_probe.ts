// Run by few_descriptors.test.ts in each runtime, with few descriptors: one more is left in each round.
import { readdirSync } from "node:fs";
import type { OpenSecrets } from "../../../core/mod.ts";
import type { OpenCustodian } from "../../../features/custodian/mod.ts";
import { say } from "../../memories/pages/runtime.ts";
import { withDescriptorsLeft } from "../../system/descriptors_left.ts";

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

const open = (): number => readdirSync("/proc/self/fd").length;
const outcomes: string[] = [await start()]; // what a runtime keeps from its first start is there now
await new Promise((resolve) => setTimeout(resolve, 100));
const before = open();
for (let left = 0; outcomes.indexOf("started", 1) === -1 && left < 20; left++) {
  outcomes.push(await withDescriptorsLeft(left, start));
}
for (let waited = 0; open() > before && waited < 50; waited++) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
say({ outcomes, leaked: open() - before, live: secrets.stats.live });
process.exit();
