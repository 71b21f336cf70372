/** Runs what a process can check on itself, and prints a line for each requirement. */

import { type OpenSecrets, openEnclaves, openSecrets } from "../../../adapters/workerd/mod.ts";
import { FROM_INSIDE, runConformance, type Subject } from "../../../conformance/inside.ts";
import { nobleEngine } from "../../../engines/noble/noble_engine.ts";
import { rotating } from "../../../features/rotation/mod.ts";
import { makeRecord, type SecretSource } from "../../../features/sources/everywhere.ts";
import { HeapMemory } from "../../../memories/heap/mod.ts";

const { console } = globalThis;
const withNoble: OpenSecrets = (options) => openSecrets({ engine: nobleEngine(), ...options });
const memory = (): HeapMemory => new HeapMemory();
/** At the top of a module there are no random bytes. */
const outside = openSecrets();
const refusal = refusalOf(() => void outside.random(32));

const SUBJECTS: readonly Subject[] = [
  { name: "plain", memory, openSecrets },
  { name: "noble", memory, openSecrets: withNoble },
];

// biome-ignore lint/style/noDefaultExport: the shape of a worker.
export default {
  async test(): Promise<void> {
    for (const subject of SUBJECTS) {
      const { results } = await runConformance(subject, FROM_INSIDE);
      for (const { id, outcome, reason } of results)
        console.log("RESULT", subject.name, id, outcome, reason);
    }
    console.log("SEALED", sealedAndOpened());
    console.log("OUTSIDE", refusal, outside.random(32).byteLength);
    console.log("ROTATED", await rotated());
    console.log("COLLECTED", openSecrets().guarantees["wiped-when-collected"].level);
  },
};

function refusalOf(make: () => void): string {
  try {
    make();
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
}

async function rotated(): Promise<boolean> {
  const source: SecretSource = {
    name: "inside",
    residue: [],
    read: async (_, { land }) => {
      const value = land(32, (page) => void crypto.getRandomValues(page));
      return makeRecord({ version: "1", fields: [["value", value]] });
    },
  };
  const token = await rotating(openSecrets(), source, "token");
  const isWhole = token.use((record) => record.field().byteLength === 32);
  token.close();
  return isWhole;
}

function sealedAndOpened(): boolean {
  const secrets = withNoble();
  const secret = secrets.random(32);
  const copy = secret.clone();
  return openEnclaves(secrets).seal(secret).unseal().equals(copy);
}
