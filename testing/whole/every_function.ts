import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CORE } from "./core_functions.ts";
import { CRYPTO } from "./crypto_functions.ts";
import { CUSTODIAN } from "./custodian_functions.ts";
import { ENVELOPES } from "./envelope_functions.ts";
import { FILES, PROCESS } from "./file_functions.ts";
import { KEY_FORMS } from "./key_functions.ts";
import { SOURCES } from "./source_functions.ts";
import type { Entry, Scene, Tried } from "./tried.ts";

/** By the doors that they belong to: several doors have a `seal`. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, Tried>>>> = {
  core: CORE,
  crypto: CRYPTO,
  keys: KEY_FORMS,
  envelopes: ENVELOPES,
  files: FILES,
  sources: SOURCES,
  custodian: CUSTODIAN,
  process: PROCESS, // at the end: it cannot be taken back
};

/** What the doors open, and what that does, with its options. */
export const EVERY_FUNCTION: readonly (readonly [title: string, tried: Tried])[] = Object.entries(
  GROUPS,
).flatMap(([group, functions]) =>
  Object.entries(functions).map(([name, tried]) => [`${group}: ${name}`, tried] as const),
);

export async function setScene(entry: Entry): Promise<Scene & { end(): Promise<void> }> {
  const secrets = entry.openSecrets({ memory: "heap" });
  const custodian = await entry.openCustodian({ secrets });
  const folder = mkdtempSync(join(tmpdir(), "lethe-every-"));
  return {
    entry,
    secrets,
    custodian,
    folder,
    async end() {
      await custodian.close();
      secrets.purge();
      rmSync(folder, { recursive: true });
    },
  };
}
