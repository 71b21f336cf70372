import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../../adapters/node/mod.ts";
import {
  type Certificates,
  makeCertificates,
} from "../../../testing/features/stores/certificates.ts";
import { doubled, openEnvelopes } from "../../envelopes/mod.ts";
import { openTransitService } from "../../key_services/mod.ts";
import { openEtcdStore, type StoreFetch } from "../mod.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).error === undefined;
const messageOf = async (pending: unknown): Promise<string> =>
  await Promise.resolve(pending).then(
    () => "answered",
    (error: Error) => error.message,
  );

describe.skipIf(!hasOpenssl)("a connection that TLS refuses", () => {
  const secrets = openSecrets({ memory: "heap" });
  let folder = "";
  let made: Certificates;
  let server: Server;
  let address = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lethe-tls-"));
    made = makeCertificates(folder);
    const [cert, key] = made.server.map((path) => readFileSync(path));
    server = createServer({ cert, key }, (_, answer) => answer.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is said with its code, by a store and by a key service, and without the token", async () => {
    const store = openEtcdStore({ endpoints: [address] });
    expect(await messageOf(store.read("db"))).toContain(`broke off (${UNTRUSTED})`);
    const token = new Uint8Array(Buffer.from("hvs.a-token"));
    const service = openTransitService(secrets, { address, key: "k", token, retries: 0 });
    const identity = openEnvelopes(secrets).createIdentity();
    const fileKey = secrets.random(16);
    const message = await messageOf(doubled(identity, service).wrap(fileKey));
    expect(message).toContain(`broke off (${UNTRUSTED}); check`);
    expect(message).not.toContain("a-token");
    for (const one of [service, identity, fileKey]) one.destroy();
    expect(secrets.stats.live).toBe(0);
  });

  it("is said with its code where the key of the client is not that of its certificate", async () => {
    const [ca, cert, key] = [made.ca, made.client[0], made.server[1]].map((path) =>
      readFileSync(path),
    );
    const fetch: StoreFetch = (url) =>
      new Promise((_, reject) => {
        request(url, { ca, cert, key }).on("error", reject).end();
      });
    const store = openEtcdStore({ endpoints: [address], fetch });
    const message = await messageOf(store.read("db"));
    expect(message).toContain("(ERR_OSSL_X509_KEY_VALUES_MISMATCH)");
  });
});

const UNTRUSTED = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
