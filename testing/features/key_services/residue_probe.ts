// Run by every_runtime.test.ts: RUNTIME MEMORY FOLDER ROUNDS. It wraps and unwraps one file key with each service, is refused and
// cut off, destroys all and waits to be scanned.
import { readFileSync } from "node:fs";
import { doubled, openEnvelopes } from "../../../features/envelopes/mod.ts";
import { codeOf, folder, load, secrets, waitForScan, words } from "../residue/probe.ts";
import { openServices } from "./open_services.ts";
import type { PublicPart } from "./services.ts";

const said = JSON.parse(readFileSync(`${folder}/public.json`, "utf8")) as PublicPart;
const envelopes = openEnvelopes(secrets);
const identities = envelopes.parseIdentities(load("identity"));
const [identity] = identities;
if (identity === undefined) throw new Error("there is no identity");
const fileKey = secrets.move(load("file-key"));

for (const [, first, second] of openServices(secrets, said, load)) {
  const wrapper = doubled(identity, first);
  for (let round = 0; round < Number(words[0] ?? 3); round++) {
    const stanzas = await wrapper.wrap(fileKey);
    const opened = await wrapper.unwrap(stanzas, (length, fill) => secrets.land(length, fill));
    if (opened?.equals(fileKey) !== true) throw new Error("another key came back");
    opened.destroy();
    const [stanza] = stanzas;
    const body = stanza?.body.slice() ?? new Uint8Array(1);
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
    const altered = { args: stanza?.args ?? ["none"], body } as const;
    await codeOf(() => wrapper.unwrap([altered], (length, fill) => secrets.land(length, fill)));
  }
  first.destroy();
  await codeOf(() => wrapper.wrap(fileKey));
  second.destroy();
}
for (const one of [...identities, fileKey]) one.destroy();
await waitForScan();
