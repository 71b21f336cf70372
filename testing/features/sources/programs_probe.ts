// Run by programs.environment.test.ts in each runtime: programs_probe.ts REFERENCES WITNESS. It reads each of the
// references, which are a list as JSON, destroys what it got, and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import { entryAtHand, stay } from "../key_files/entry.ts";

const [references = "[]", witness = ""] = process.argv.slice(2);
const { openSecrets, readSecret } = await entryAtHand();
const secrets = openSecrets();
const said: string[] = [];

for (const reference of JSON.parse(references) as readonly string[]) {
  try {
    const secret = await readSecret(secrets, reference);
    said.push(`${secret.byteLength}`);
    secret.destroy();
  } catch (error) {
    said.push(String((error as { code?: unknown }).code ?? error));
  }
}
// The control: what was read the plain way is found.
Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(witness)) });
(globalThis as { gc?: () => void }).gc?.();
await stay({ live: secrets.stats.live, said });
