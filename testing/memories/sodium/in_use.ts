/** Ends secrets while native code of an open scope writes to them, on another thread. */
import { randomFill } from "node:crypto";
import process from "node:process";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const ROUNDS = 100;
const BYTES = 1 << 20;

const secrets = openSecrets({ memory: openSodiumMemory() });
for (let round = 0; round < ROUNDS; round++) {
  const secret = secrets.allocate(BYTES);
  const filled = secret.modify(
    (bytes) => new Promise<void>((resolve) => randomFill(bytes, () => resolve())),
  );
  if (round % 2 === 0) secret.destroy();
  else secrets.purge();
  await filled;
}
process.stdout.write(`${secrets.stats.live} live\n`);
