/**
 * Does one thing with a Secret Service, in the runtime that runs this, and says what came of it:
 *
 *     service_probe read|store|remove WAY REFERENCE SEED BYTES [TIME]
 *
 * With a time, in milliseconds since 1970, not before it.
 */
import { deriveInto } from "../../../conformance/forensics/derived_needle.ts";
import type { OpenSecrets } from "../../../core/mod.ts";
import type { SecretService } from "../../../features/keyrings/types.ts";
import { landingOf } from "../../../features/sources/mod.ts";
import { programArguments, say } from "../../memories/pages/runtime.ts";
import { openKeyring } from "./open_keyring.ts";

const [verb = "", way = "", reference = "", seed = "", byteLength = "", time = "0"] =
  programArguments();
const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  readonly openSecrets: OpenSecrets;
};
const secrets = openSecrets();
const expected = secrets.land(Number(byteLength), (page) => deriveInto(Number(seed), page));

async function outcomeOf(): Promise<string> {
  try {
    const service = (await openKeyring(way, runtime)) as SecretService;
    while (Date.now() < Number(time));
    if (verb === "store") service.store(reference, expected, "lethe");
    else if (verb === "remove") service.remove(reference);
    else {
      const record = await service.read(reference, { land: landingOf(secrets) });
      const same = record.field().equals(expected);
      record.destroy();
      return same ? "same" : "other";
    }
    return "ok";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const outcome = await outcomeOf();
expected.destroy();
say({ outcome, live: secrets.stats.live });
