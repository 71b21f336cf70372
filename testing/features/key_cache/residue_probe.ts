// Run by residue.test.ts in each runtime: residue_probe.ts RUNTIME MEMORY FOLDER HOW. It opens every envelope of the folder again and
// again by a cache with less room than there are envelopes, and waits to be scanned: HOW is kept or closed. With ends it waits for nothing.
import { readdirSync, writeFileSync } from "node:fs";
import { openEnvelopes } from "../../../features/envelopes/mod.ts";
import { cached } from "../../../features/key_cache/mod.ts";
import { folder, load, secrets, waitForScan, words } from "../residue/probe.ts";

const [how] = words;
const envelopes = openEnvelopes(secrets);
const identities = envelopes.parseIdentities(load("identity"));
const [identity] = identities;
if (identity === undefined) throw new Error("there is no identity");
const cache = cached(secrets, identity, { maxAge: 3_600_000, uses: 1000, entries: 3 });
const names = readdirSync(folder).filter((name) => name.startsWith("sealed."));
for (let round = 0; round < 4; round++) {
  for (const name of names) {
    const openings = [0, 1].map(() => envelopes.open(load(name), [cache]));
    for (const secret of await Promise.all(openings)) secret.destroy();
  }
}
identity.destroy();
if (how === "closed") cache.close();
writeFileSync(`${folder}/kept`, `${secrets.stats.sealed}`);
if (how !== "ends") await waitForScan();
