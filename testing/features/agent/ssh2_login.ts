// An application that logs in with ssh2: ssh2_login.ts RUNTIME PORT FILE... It gives the keys in the files to its custodian,
// logs in with each of them alone and with one that may sign no more, says what came of it, and stays until it is ended.
import { openSync, readSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import type * as Adapter from "../../../adapters/node/mod.ts";
import { atHand } from "../../built.ts";

const [runtime = "node", port = "0", ...files] = process.argv.slice(2);
const entry: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const ssh2: Ssh2 = createRequire(import.meta.url)("ssh2");
const secrets = entry.openSecrets();
const custodian = await entry.openCustodian({ secrets });
/** A name that both processes hold as a string: what a scan has to find in each. */
await custodian.generate("the witness, in both processes: 4711", "key");

/** What is used of the package. */
interface Ssh2 {
  readonly BaseAgent: abstract new () => object;
  readonly Client: new () => Client;
}

interface Client {
  on(event: "ready" | "error", listener: (error: Error) => void): Client;
  connect(options: object): Client;
  exec(command: string, done: (error: Error | undefined, stream: Stream) => void): void;
  end(): void;
}

interface Stream {
  on(event: "data" | "close", listener: (chunk: Uint8Array) => void): Stream;
}

/** @returns what the command said, or the errors of the connection */
function login(agent: object): Promise<string> {
  return new Promise((resolve) => {
    const client = new ssh2.Client();
    const errors: string[] = [];
    let text = "";
    client.on("error", (error: Error & { code?: string }) => {
      errors.push(error.code ?? error.message);
      if (error.message.includes("configured authentication methods failed")) {
        resolve(errors.join("; "));
      }
    });
    client.on("ready", () =>
      client.exec("echo inside", (_error, stream) => {
        stream.on("data", (chunk) => {
          text += new TextDecoder().decode(chunk);
        });
        stream.on("close", () => {
          client.end();
          resolve(text.trim());
        });
      }),
    );
    client.connect({ host: "127.0.0.1", port: Number(port), username: "root", agent });
  });
}

/** Read by the kernel into memory that parseKey() wipes. */
function bytesOf(file: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(statSync(file).size));
  readSync(openSync(file, "r"), bytes);
  return bytes;
}

const keys = [];
for (const [index, file] of files.entries()) {
  const key = entry.parseKey(secrets, bytesOf(file));
  const { type, publicKey } = key;
  if (type === "x25519") throw new Error("X25519 signs nothing");
  const uses = index === files.length - 1 ? { uses: 1 } : {};
  await custodian.put(file, key.secretKey, { type, ...uses });
  keys.push({ name: file, type, publicKey: publicKey as Uint8Array });
}
for (const key of keys) {
  const agent = entry.createSsh2Agent(ssh2.BaseAgent, custodian, [key]);
  process.stdout.write(`login: ${await login(agent)}\n`);
}
const [spent] = keys.slice(-1);
const again = entry.createSsh2Agent(ssh2.BaseAgent, custodian, spent === undefined ? [] : [spent]);
process.stdout.write(`spent: ${await login(again)}\n`);
process.stdout.write(`ready ${process.pid} ${custodian.pid}\n`);
setInterval(() => undefined, 60_000);
