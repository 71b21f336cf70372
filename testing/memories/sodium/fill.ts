/** Makes 20,000 secrets, and looks at each that it got. */
import process from "node:process";
import { LetheError, type SecretBuffer } from "../../../core/mod.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { openSodiumMemory } from "../../../memories/sodium/mod.ts";

const secrets = openSecrets({ memory: openSodiumMemory() });
const made: SecretBuffer[] = [];
const stamp = (bytes: Uint8Array<ArrayBuffer>): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
let error: unknown;
try {
  while (made.length < 20_000) {
    const secret = secrets.allocate(32);
    secret.modify((bytes) => stamp(bytes).setUint32(28, made.length));
    made.push(secret);
  }
} catch (thrown) {
  error = thrown;
}
const lethe = error instanceof LetheError ? error : null;
const intact = made.filter((secret, index) =>
  secret.expose((bytes) => stamp(bytes).getUint32(28) === index),
).length;
for (const secret of made) secret.destroy();
secrets.allocate(32).destroy();
process.stdout.write(
  JSON.stringify({
    made: made.length,
    intact,
    live: secrets.stats.live,
    code: lethe?.code ?? String(error),
    message: lethe?.message,
  }),
);
