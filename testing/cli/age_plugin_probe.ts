// Run by residue.attack.test.ts in each runtime: age_plugin_probe.ts MEMORY FOLDER. It serves both state machines as age-plugin-lethe
// does, with a key file of the folder, and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import { keyHolder } from "../../cli/age_plugin/key_holder.ts";
import { streamsHere } from "../../cli/age_plugin/streams_here.ts";
import { entryHere } from "../../cli/entry_here.ts";
import { servePlugin } from "../../features/age_plugins/serve.ts";
import { openEnvelopes } from "../../features/envelopes/mod.ts";
import { stay } from "../features/key_files/entry.ts";

const [memory = "auto", folder = ""] = process.argv.slice(2);
const { openSecrets, openKeyFiles, promptSecret } = await entryHere();
const secrets = openSecrets({ memory });
const context = {
  secrets,
  envelopes: openEnvelopes(secrets),
  streams: await streamsHere(),
  holder: keyHolder({ keys: openKeyFiles(secrets, { onMisuse: "throw" }), secrets, promptSecret }),
};
await servePlugin("recipient-v1", context);
await servePlugin("identity-v1", context);
// The control: a key that was read the plain way leaves what the scan must find.
Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(`${folder}/leaky`)) });
await stay({ memory: secrets.memory, live: secrets.stats.live });
