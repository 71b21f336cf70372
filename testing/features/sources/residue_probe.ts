// Run by residue.test.ts in each runtime: residue_probe.ts DIRECTORY MEMORY. It reads every source, in every way
// that it ends, destroys what it got, and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import type { ReadSecretOptions } from "../../../features/sources/types.ts";
import { entryAtHand, stay } from "../key_files/entry.ts";
import { VARIABLE } from "./needles.ts";

const [directory = "", memory = "auto"] = process.argv.slice(2);
const { openSecrets, readSecret, openEnvironmentSource, openExecSource, openFileSource } =
  await entryAtHand();
const secrets = openSecrets({ memory });
const said: string[] = [];

async function read(reference: string, options?: ReadSecretOptions): Promise<void> {
  try {
    const secret = await readSecret(secrets, reference, options);
    said.push(`${secret.byteLength}`);
    secret.destroy();
  } catch (error) {
    said.push(String((error as { code?: unknown }).code ?? error));
  }
}

const shell = (text: string): string => `exec:${JSON.stringify(["/bin/sh", "-c", text])}`;
const print = (name: string): string => `cat '${directory}/${name}'`;

for (let round = 0; round < 3; round++) await read(`file:${directory}/file`);
await read(`file:${directory}/open`);
await read(`file:${directory}/file`, { maxBytes: 20 });
await read("fd:3");
for (let round = 0; round < 3; round++) await read(`exec:/bin/cat ${directory}/program`);
await read(shell(`${print("fails")}; exit 3`));
await read(shell(`${print("slow")}; sleep 30`), { timeout: 400 });
await read(shell(`${print("much")}; ${print("much")}`), { maxBytes: 60 });
await read(`env:${VARIABLE}`);
await read(`env:${VARIABLE}`);

// The control: what was read the plain way is found.
Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(`${directory}/witness`)) });
(globalThis as { gc?: () => void }).gc?.();
await stay({
  memory: secrets.memory,
  live: secrets.stats.live,
  said,
  residue: [openFileSource(), openExecSource(), openEnvironmentSource()].map(
    ({ residue }) => residue.length,
  ),
});
