/** What the programs have in common that a residue test scans: PROGRAM RUNTIME MEMORY FOLDER ... */
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Secrets } from "../../../core/mod.ts";
import { load as read } from "../../load.ts";
import { stay } from "../key_files/entry.ts";

interface Entry {
  openSecrets(options: { memory: string }): Secrets;
}

const [runtime = "node", memory = "heap", place = "", ...others] = process.argv.slice(2);
const entry: Entry = await import(`../../../adapters/${runtime}/mod.ts`);
const codes = new Set<string>();

export const secrets: Secrets = entry.openSecrets({ memory });
export const folder: string = place;
/** The parameters behind the folder. */
export const words: readonly string[] = others;

/** A file of the folder, off the collected heap. */
export function load(name: string): Uint8Array<ArrayBuffer> {
  return read(`${folder}/${name}`);
}

/** Keeps the code of what a call throws, or of what its promise rejects with. */
export function codeOf(call: () => unknown): Promise<void> {
  const refused = (error: unknown): void =>
    void codes.add((error as { code?: string }).code ?? "another");
  try {
    return Promise.resolve(call()).then(() => void codes.add("none"), refused);
  } catch (error) {
    refused(error);
    return Promise.resolve();
  }
}

/** Waits to be scanned. */
export async function waitForScan(): Promise<void> {
  // The control: a key that was read the plain way leaves what the scan must find.
  Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(`${folder}/leaky`)) });
  await stay({ memory: secrets.memory, live: secrets.stats.live, codes: [...codes].sort() });
}
