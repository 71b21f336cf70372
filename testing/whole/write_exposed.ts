/** Writes to exposed bytes of a memory, and says whether the program lives and what the secret is then. */
import process from "node:process";
import { entryHere } from "./uses_of_time.ts";

const { openSecrets } = await entryHere();
const secrets = openSecrets({ memory: process.argv[2] ?? "auto" });
const secret = secrets.move(Uint8Array.of(1, 2, 3)).freeze();
process.stdout.write(`${secrets.guarantees["write-trap"].level}\n`);
secret.expose((bytes: Uint8Array) => bytes.fill(9));
process.stdout.write(`survived, ${secret.expose((bytes) => bytes.join())}\n`);
