// Keeps an Ed25519 key pair under a passphrase, which is asked for on the terminal, or read from
// standard input where there is none. The same on Node, Deno and Bun.
import { openSecrets } from "lethe";
import { openKeyFiles } from "lethe/key-files";
import { promptSecret } from "lethe/prompt";

const [path] = process.argv.slice(2);
if (path === undefined) throw new TypeError("Usage: sealed_key_pair.ts PATH");

const secrets = openSecrets();
// RFC 9106's choice for little memory; without it, 3 passes over 256 MiB.
const keys = openKeyFiles(secrets, { cost: { passes: 3, memoryBytes: 64 * 2 ** 20 } });
const passphrase = await promptSecret(secrets, "Passphrase of the key: ");

const made = keys.createAndRead(path, "ed25519", { passphrase });
const read = keys.read(path, "ed25519", { passphrase });
const same = made.publicKey.every((byte, index) => byte === read.publicKey[index]);
const { form, cost } = keys.inspect(path);
console.log(`${form}, ${cost?.passes} passes over ${(cost?.memoryBytes ?? 0) / 2 ** 20} MiB`);
console.log(`the same key pair: ${same}, its secret: ${read.secretKey}`);

keys.destroy({ passphrase, made, read });
console.log(`live secrets: ${secrets.stats.live}`);
