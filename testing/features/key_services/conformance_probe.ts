// Run in each runtime: conformance_probe.ts FOLDER. It holds each service to the rules of wrappers and says what it breaks.
import { readFileSync } from "node:fs";
import process from "node:process";
import { doubled, openEnvelopes, runWrapperConformance } from "../../../features/envelopes/mod.ts";
import { openTransitService } from "../../../features/key_services/mod.ts";
import { runtimeEntry } from "../key_files/entry.ts";
import { openServices } from "./open_services.ts";
import type { PublicPart } from "./services.ts";

const [folder = ""] = process.argv.slice(2);
const { openSecrets } = await runtimeEntry();
const secrets = openSecrets({ memory: "heap" });
const load = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(`${folder}/${name}`));
const said = JSON.parse(readFileSync(`${folder}/public.json`, "utf8")) as PublicPart;
const envelopes = openEnvelopes(secrets);

/** How a call ends. */
async function endingOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return "well";
  } catch (error) {
    const { fault, status, message } = error as Readonly<Record<string, unknown>>;
    const said = /it needs --allow-net=.*/.exec(`${message}`)?.[0];
    return said === undefined ? `${fault} ${status}` : `${fault} ${status}: ${said}`;
  }
}

const result: Record<string, unknown> = {};
for (const [name, first, second] of openServices(secrets, said, load)) {
  const inner = [envelopes.createIdentity(), envelopes.createIdentity()] as const;
  const [wrapper, other] = [doubled(inner[0], first), doubled(inner[1], second)];
  result[name] = await runWrapperConformance({ secrets, wrapper, other });
  for (const one of [...inner, first, second]) one.destroy();
}
// How a platform's fetch shows what goes wrong: the double is told by the name of a key.
for (const key of ["hang", "half", "reset", "redirect", "long", "text"]) {
  const options = { address: said.vault, key, token: load("vault-token"), retries: 0 } as const;
  const timeout = key === "hang" ? 300 : 20_000;
  const service = openTransitService(secrets, { ...options, httpOnLoopback: true, timeout });
  const inner = envelopes.createIdentity();
  result[key] = await endingOf(Promise.resolve(doubled(inner, service).wrap(secrets.random(16))));
  for (const one of [service, inner]) one.destroy();
}
process.stdout.write(`${JSON.stringify(result)}\n`);
secrets.purge();
process.exit(0);
