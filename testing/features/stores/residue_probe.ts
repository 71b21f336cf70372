// Run by residue.test.ts in each runtime: residue_probe.ts DIRECTORY ENDPOINT. It reads a record of etcd as it is
// published and again and again, publishes it once more, is refused another, and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import { openEnvelopes } from "../../../features/envelopes/mod.ts";
import { rotating } from "../../../features/rotation/mod.ts";
import { landingOf } from "../../../features/sources/mod.ts";
import { openEtcdStore, openStoredSecrets } from "../../../features/stores/mod.ts";
import { runtimeEntry, stay } from "../key_files/entry.ts";

const [directory = "", endpoint = ""] = process.argv.slice(2);
const { openSecrets, readSecret } = await runtimeEntry();
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const file = await readSecret(secrets, `file:${directory}/identity`);
const identities = envelopes.parseIdentities(file);
file.destroy();
const stored = openStoredSecrets(secrets, openEtcdStore({ endpoints: [endpoint] }));
const source = stored.source(identities);

const login = await rotating(secrets, source, "db");
for (let round = 0; round < 3; round++) await login.refresh();
login.close();
const record = await source.read("db", { land: landingOf(secrets) });
await stored.publish("copy", record.fields, identities);
await stored.readdress("copy", identities, identities);
record.destroy();
const refused = await source
  .read("foreign", { land: landingOf(secrets) })
  .catch((error: unknown) => error);
for (const identity of identities) identity.destroy();

// The control: what was read the plain way is found.
Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(`${directory}/witness`)) });
(globalThis as { gc?: () => void }).gc?.();
await stay({ live: secrets.stats.live, refused: (refused as { code?: unknown }).code });
