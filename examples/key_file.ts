// Makes a key in a file of mode 0400, reads it back, rotates it. The same on Node, Deno and Bun.
import { openSecrets } from "lethe";
import { openKeyFiles } from "lethe/key-files";

const [path] = process.argv.slice(2);
if (path === undefined) throw new TypeError("Usage: key_file.ts PATH");

const secrets = openSecrets();
const keys = openKeyFiles(secrets); // misuse of a key ends the process

keys.create(path, 32);
const key = keys.read(path, 32);
console.log(`${key}, frozen: ${key.frozen}, mode ${keys.inspect(path).mode}`);

const { previous, current } = keys.rotate(path, 32);
console.log(
  `the old key is what was read: ${previous.equals(key)}, the new one: ${current.equals(key)}`,
);

keys.destroy([key, previous, current]);
keys.remove(path);
console.log(`live secrets: ${secrets.stats.live}`);
