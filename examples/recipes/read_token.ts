// Reads a token from a file, without the newline that editors and `kubectl create secret` leave at its end.
import { openSecrets, type SecretBuffer } from "lethe";
import { type KeyFileTrust, openKeyFiles } from "lethe/key-files";

const secrets = openSecrets();
const keys = openKeyFiles(secrets, { onMisuse: "throw" }); // a wrong file is an error, not the end of the process

function readToken(path: string, trust: KeyFileTrust): SecretBuffer {
  const { keyBytes } = keys.inspect(path, { trust });
  using file = keys.read(path, keyBytes, { trust, asIs: true });
  const newline = file.expose((bytes) => (bytes.at(-1) === 0x0a ? 1 : 0));
  return file.slice(0, keyBytes - newline);
}

const [path = "", trust = "strict"] = process.argv.slice(2);
using token = readToken(path, trust as KeyFileTrust);
console.log(String(token));
