// Reads a hex key from a file without it ever being a string. The same on Node, Deno and Bun.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { offHeapBytes, openSecrets, type SecretBuffer, type Secrets } from "lethe";

function readHexKey(secrets: Secrets, path: string): SecretBuffer {
  const descriptor = openSync(path, "r");
  try {
    const text = offHeapBytes(fstatSync(descriptor).size);
    readSync(descriptor, text);
    return secrets.decode(text, "hex"); // wipes `text`
  } finally {
    closeSync(descriptor);
  }
}

const [path] = process.argv.slice(2);
if (path === undefined) throw new TypeError("Usage: hex_key_from_file.ts PATH");

const secrets = openSecrets();
const key = readHexKey(secrets, path).freeze();
console.log(`${key}, frozen: ${key.frozen}`);
secrets.purge();
console.log(`${key}`);
