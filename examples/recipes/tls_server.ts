// Serves HTTPS. OpenSSL needs one copy of the key for its handshakes; Lethe's own is destroyed at once.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { openSecrets } from "lethe";
import { openKeyFiles } from "lethe/key-files";

const [keyPath = "", certificatePath = ""] = process.argv.slice(2);
const keys = openKeyFiles(openSecrets(), { onMisuse: "throw" });
const { keyBytes } = keys.inspect(keyPath);
const key = keys.read(keyPath, keyBytes, { asIs: true }); // PEM: its bytes as they are

const cert = readFileSync(certificatePath);
const server = key.expose((bytes) =>
  createServer({ key: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), cert }),
);
key.destroy();

server.on("request", (_request, response) => response.end("hello"));
server.listen(0, "localhost", () => {
  console.log((server.address() as AddressInfo).port);
});
