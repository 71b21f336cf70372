/** The plain approach of the field, from the worker's side: see past_mistakes.md in docs. */

import { generateKeyPairSync, privateDecrypt, publicEncrypt, randomFillSync } from "node:crypto";
import process from "node:process";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let sealed = Buffer.alloc(0);

process.on("message", ({ id, password }: { id: number; password?: { data: number[] } }) => {
  if (password !== undefined) {
    const bytes = Buffer.from(password.data);
    sealed = publicEncrypt(publicKey, bytes);
    randomFillSync(bytes);
    process.send?.({ id });
    return;
  }
  const bytes = privateDecrypt(privateKey, sealed);
  process.send?.({ id, password: bytes });
  randomFillSync(bytes);
});
