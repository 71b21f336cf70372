// Run by residue.test.ts in each runtime: probe.ts RUNTIME MEMORY PROGRAM FOLDER. It seals and opens with a plugin that asks for
// a PIN, and waits to be scanned.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import type { Secrets } from "../../../core/mod.ts";
import type { UsePlugin } from "../../../features/age_plugins/types.ts";
import { openEnvelopes } from "../../../features/envelopes/mod.ts";
import { load } from "../../load.ts";
import { stay } from "../key_files/entry.ts";

const [runtime = "node", memory = "heap", program = "", folder = ""] = process.argv.slice(2);
const entry: { openSecrets(options: { memory: string }): Secrets } = await import(
  `../../../adapters/${runtime}/mod.ts`
);
const { usePlugin }: { usePlugin: UsePlugin } = await import(
  `../../../adapters/${runtime}/age_plugins.ts`
);
const secrets = entry.openSecrets({ memory });
const envelopes = openEnvelopes(secrets);

const key = usePlugin(secrets, {
  program,
  identity: load(`${folder}/identity`),
  onSecret: () => secrets.move(load(`${folder}/pin`)),
});
const payload = secrets.move(load(`${folder}/payload`));
const made: string[] = [];
for (let count = 0; count < 3; count++) {
  const envelope = await envelopes.seal(payload, [key]);
  const secret = await envelopes.open(envelope, [key]);
  if (!secret.equals(payload)) throw new Error("it is another payload");
  secret.destroy();
  made.push(`made.${count}`);
  writeFileSync(`${folder}/made.${count}`, envelope);
}
payload.destroy();
key.destroy();
// The control: a key that was read the plain way leaves what the scan must find.
Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(`${folder}/leaky`)) });
await stay({ memory: secrets.memory, live: secrets.stats.live, made });
