// Run by etcd.environment.test.ts in each runtime: certificate_probe.ts ENDPOINT CA CERTIFICATE KEY.
import { readFileSync } from "node:fs";
import { request } from "node:https";
import process from "node:process";
import { Readable } from "node:stream";
import { openEtcdStore, type StoreFetch } from "../../../features/stores/mod.ts";

const [endpoint = "", ...paths] = process.argv.slice(2);
const [ca = "", cert = "", key = ""] = paths.map((path) => readFileSync(path, "utf8"));

/** As docs/stores.md has it for each runtime. */
function withCertificate(): StoreFetch {
  if ("Deno" in globalThis) {
    const { createHttpClient } = (globalThis as unknown as { Deno: DenoClients }).Deno;
    const client = createHttpClient({ caCerts: [ca], cert, key });
    return (url, asked) => fetch(url, { ...asked, client } as RequestInit);
  }
  if ("Bun" in globalThis) {
    return (url, asked) => fetch(url, { ...asked, tls: { ca, cert, key } } as RequestInit);
  }
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, signal, ca, cert, key }, (answer) =>
        resolve({
          status: answer.statusCode ?? 0,
          body: Readable.toWeb(answer) as ReadableStream<Uint8Array>,
        }),
      );
      sent.on("error", reject);
      sent.end(body);
    });
}

interface DenoClients {
  createHttpClient(options: {
    readonly caCerts: readonly string[];
    readonly cert: string;
    readonly key: string;
  }): unknown;
}

const said: string[] = [];
const without = openEtcdStore({ endpoints: [endpoint], timeout: 5000 });
await without.read("x").catch((error: { code?: string }) => said.push(error.code ?? "another"));
const store = openEtcdStore({ endpoints: [endpoint], fetch: withCertificate() });
const bytes = new Uint8Array(300).fill(7);
const stop = new AbortController();
const noticed = new Promise<void>((resolve) => {
  void store
    .watch?.("x", () => resolve(), stop.signal)
    .then(async () => {
      const expected = (await store.read("x"))?.revision ?? null;
      await store.write("x", bytes, { expected });
      said.push("written");
    });
});
await noticed;
while (said.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
said.push("noticed");
stop.abort();
const found = await store.read("x");
said.push(String(found?.envelope.every((byte) => byte === 7) === true));
process.stdout.write(`${said.join(" ")}\n`);
process.exit(0);
