// Sends a token as a header. A header is a string, which nobody can wipe: use tokens that you can revoke.
import { openSecrets } from "lethe";
import { dangerouslyExposeString } from "lethe/dangerous";
import { openKeyFiles } from "lethe/key-files";

const [path = "", url = ""] = process.argv.slice(2);
const keys = openKeyFiles(openSecrets(), { onMisuse: "throw" });
const { keyBytes } = keys.inspect(path);
using token = keys.read(path, keyBytes, { asIs: true });

const response = await dangerouslyExposeString(token, (text) =>
  fetch(url, { headers: { authorization: `Bearer ${text}` } }),
);
console.log(response.status);
