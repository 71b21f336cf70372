/**
 * The worker of the approach `fork`: keeps the password encrypted under an RSA key in OpenSSL's
 * secure heap, and sends it over Node's JSON channel when it is asked.
 */
import {
  constants,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomFillSync,
} from "node:crypto";
import { createInterface } from "node:readline/promises";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING };

let sealed: Buffer | undefined;
let kept = "";

async function readPassword(): Promise<Buffer> {
  const lines = createInterface({ input: process.stdin });
  const typed = Buffer.from(await lines.question(""));
  lines.close();
  const encrypted = publicEncrypt({ key: publicKey, ...padding }, typed);
  randomFillSync(typed);
  return encrypted;
}

/** Each request is answered: what to keep, to read the password, and to hand it over. */
process.on("message", async ({ keep, read }: { keep?: string; read?: true }) => {
  if (keep !== undefined) {
    kept = keep;
  } else if (read === undefined) {
    sealed = await readPassword();
  } else if (sealed !== undefined) {
    const password = privateDecrypt({ key: privateKey, ...padding }, sealed);
    process.send?.({ password }, () => randomFillSync(password));
    return;
  }
  process.send?.({ kept: kept.length });
});
process.send?.({ ready: true });
