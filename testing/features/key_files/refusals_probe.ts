// Run by refusals.test.ts in each runtime: refusals_probe.ts DIRECTORY. Says what each path is answered
// with, and how many descriptors are open before and after.
import { readdirSync } from "node:fs";
import process from "node:process";
import { entryAtHand } from "./entry.ts";

const [directory = "", ...names] = process.argv.slice(2);
const { openKeyFiles, openSecrets } = await entryAtHand();
const secrets = openSecrets();
const keys = openKeyFiles(secrets, { onMisuse: "throw" });

interface Answer {
  readonly code: string;
  readonly message: string;
}

function answer(action: () => { destroy(): void } | undefined): Answer {
  try {
    action()?.destroy();
    return { code: "none", message: "" };
  } catch (error) {
    const { code, name, message } = error as { code?: string; name: string; message: string };
    return { code: code ?? name, message };
  }
}

/** Deno does not let programs look into /proc without every permission. */
function descriptors(): number {
  return "Deno" in globalThis ? 0 : readdirSync("/proc/self/fd").length;
}

const pathOf = (name: string): string => (name.startsWith("/") ? name : `${directory}/${name}`);
answer(() => keys.read(pathOf("good"), 32));
const before = descriptors();
const reads = names.map((name) => [name, answer(() => keys.read(pathOf(name), 32))]);
const creates = names.map((name) => [name, answer(() => keys.createAndRead(pathOf(name), 32))]);
const result = {
  reads: Object.fromEntries(reads),
  creates: Object.fromEntries(creates),
  descriptors: [before, descriptors()],
  live: secrets.stats.live,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
