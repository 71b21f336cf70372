/** Asks for a secret when no descriptor is left, and says what came of it. */
import { closeSync, openSync } from "node:fs";
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { atHand } from "../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const secrets = adapter.openSecrets();
const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch {
  // None is left.
}
const outcome = await adapter.promptSecret(secrets, "password: ").then(
  () => "took a line of standard input",
  (error: Error & { code?: unknown }) => `rejected ${error.code} ${error.message}`,
);
for (const descriptor of taken) closeSync(descriptor);
process.stdout.write(`${outcome}; ${secrets.stats.live} live\n`);
