/** Reads `Bun.secrets` three times, and waits to be looked into. */
import process from "node:process";
import { openBunSecrets } from "../../../adapters/bun/keyrings.ts";
import { openSecrets } from "../../../adapters/bun/mod.ts";
import { landingOf } from "../../../features/sources/mod.ts";

const secrets = openSecrets();
const source = openBunSecrets();
const lengths: number[] = [];
for (let round = 0; round < 3; round++) {
  const record = await source.read("lethe/bun", { land: landingOf(secrets) });
  lengths.push(record.field().byteLength);
  record.destroy();
}
const outcome = await source.read("lethe/none", { land: landingOf(secrets) }).then(
  () => "found",
  (error) => error.code,
);
process.stdout.write(`ready ${process.pid} ${JSON.stringify({ outcome, lengths })}\n`);
await new Promise((resolve) => process.stdin.once("close", resolve).resume());
