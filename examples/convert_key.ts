// Writes a private key of OpenSSH, OpenSSL or a JOSE library as encrypted PKCS#8, under the same passphrase,
// which is asked for on the terminal, or read from standard input. The same on Node, Deno and Bun.
import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { offHeapBytes, openSecrets } from "lethe";
import { formatKey, parseKey } from "lethe/keys";
import { promptSecret } from "lethe/prompt";

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined) throw new TypeError("Usage: convert_key.ts FROM TO");

const secrets = openSecrets();
const passphrase = await promptSecret(secrets, "Passphrase of the key: ");

const file = openSync(from, "r");
const bytes = offHeapBytes(fstatSync(file).size);
readSync(file, bytes);
closeSync(file);
const key = parseKey(secrets, bytes, { passphrase });
console.log(`${key.type}, ${key.bits} bits, ${key.format}`);

const text = formatKey(secrets, key, { format: "pkcs8-pem", passphrase });
const target = openSync(to, "wx", 0o600);
text.expose((content) => writeSync(target, content));
closeSync(target);

for (const secret of [passphrase, key.secretKey, text]) secret.destroy();
console.log(`live secrets: ${secrets.stats.live}`);
