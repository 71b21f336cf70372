// Run by faulty_plugins.test.ts in each runtime: patience.ts RUNTIME PROGRAM IDENTITY ENVELOPE. It opens an envelope with a plugin that
// misbehaves, and prints how that ended.
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Secrets } from "../../../core/mod.ts";
import type { UsePlugin } from "../../../features/age_plugins/types.ts";
import { openEnvelopes } from "../../../features/envelopes/mod.ts";

const [runtime = "node", program = "", identity = "", envelope = ""] = process.argv.slice(2);
const entry: { openSecrets(options: { memory: string }): Secrets } = await import(
  `../../../adapters/${runtime}/mod.ts`
);
const { usePlugin }: { usePlugin: UsePlugin } = await import(
  `../../../adapters/${runtime}/age_plugins.ts`
);
const secrets = entry.openSecrets({ memory: "heap" });
const key = usePlugin(secrets, {
  program,
  identity: new TextEncoder().encode(identity),
  timeout: 2000,
});
const start = Date.now();
let turns = 0;
const turning = setInterval(() => {
  turns += 1;
}, 10);
let message = "none";
try {
  await openEnvelopes(secrets).open(new Uint8Array(readFileSync(envelope)), [key]);
} catch (error) {
  message = String(error);
}
clearInterval(turning);
key.destroy();
const said = { message, milliseconds: Date.now() - start, turns, live: secrets.stats.live };
process.stdout.write(`${JSON.stringify(said)}\n`);
