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
import process from "node:process";
import { createInterface } from "node:readline/promises";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING };

const lines = createInterface({ input: process.stdin });
const typed = Buffer.from(await lines.question(""));
lines.close();
const sealed = publicEncrypt({ key: publicKey, ...padding }, typed);
randomFillSync(typed);

process.on("message", () => {
  const password = privateDecrypt({ key: privateKey, ...padding }, sealed);
  process.send?.({ password }, () => randomFillSync(password));
});
process.send?.("ready");
