/** Makes numbered secrets, tells what each claims, and stays until standard input ends. */
import process from "node:process";
import { LetheError } from "../../../core/mod.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const memory = openSodiumMemory();
const secrets = openSecrets({ memory });
const live = Array.from({ length: 200 }, (_, index) => {
  const secret = secrets.allocate(32);
  secret.modify((bytes) => {
    bytes.fill(0xa5);
    bytes[31] = index;
  });
  return secret;
});
const claims = live.map(({ guarantees }) => guarantees.locked);
const refusals = new Set<string>();
try {
  const strict = openSecrets({ memory, require: ["locked"] });
  for (let index = 0; index < 200; index++) strict.allocate(32);
} catch (error) {
  if (error instanceof LetheError) refusals.add(`${error.code}: ${error.message}`);
}
for (const bytes of [33, 64, 100]) secrets.allocate(bytes).destroy(); // after a refusal: no damage
process.stdout.write(`${JSON.stringify({ pid: process.pid, claims, refusals: [...refusals] })}\n`);
process.stdin.resume().on("end", () => {
  for (const secret of live) secret.destroy();
});
