import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { LetheError } from "../../core/mod.ts";
import { RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { type Certificates, makeCertificates } from "../../testing/features/stores/certificates.ts";
import { EtcdCluster, NO_ETCD } from "../../testing/features/stores/etcd.ts";
import { type Event, faultOf } from "../../testing/features/stores/history.ts";
import { SOAK } from "../../testing/tier.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { type RotationEvent, rotating } from "../rotation/mod.ts";
import {
  type EnvelopeStore,
  openEtcdStore,
  openStoredSecrets,
  runStoreConformance,
} from "./mod.ts";

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
const codeOf = (error: unknown): string =>
  error instanceof LetheError ? error.code : String(error);

/** Until the cluster has a leader, and answers. */
async function ready(store: EnvelopeStore): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return void (await store.read("ready"));
    } catch (error) {
      if (attempt === 200) throw error;
      await pause(50);
    }
  }
}

describe.skipIf(!SOAK || NO_ETCD !== null)(`one etcd server (${NO_ETCD ?? "installed"})`, () => {
  let cluster: EtcdCluster;
  let store: EnvelopeStore;
  beforeAll(async () => {
    cluster = await EtcdCluster.start({ servers: 1 });
    store = openEtcdStore({ endpoints: cluster.endpoints });
    await ready(store);
  }, 60_000);
  afterAll(async () => await cluster?.[Symbol.asyncDispose]());

  it("keeps the rules of stores, seen by two clients", async () => {
    const second = openEtcdStore({ endpoints: cluster.endpoints });
    expect(await runStoreConformance({ store, second })).toEqual([]);
  });

  it("shows etcdctl ciphertext under the prefix", async () => {
    await store.write("seen", randomBytes(300), { expected: null });
    const [endpoint = ""] = cluster.endpoints;
    const said = execFileSync(
      "etcdctl",
      ["--endpoints", endpoint, "get", "--keys-only", "lethe/seen"],
      {
        env: { ...process.env, ETCDCTL_API: "3" },
        encoding: "utf8",
      },
    );
    expect(said.trim()).toBe("lethe/seen");
  });

  it("forgets what has expired", { timeout: 30_000 }, async () => {
    const expiresAt = new Date(Date.now() + 1500);
    await store.write("short", randomBytes(30), { expected: null, expiresAt });
    expect(await store.read("short")).not.toBeNull();
    for (let second = 0; second < 20 && (await store.read("short")) !== null; second++) {
      await pause(1000);
    }
    expect(await store.read("short")).toBeNull();
    expect(Date.now()).toBeGreaterThan(expiresAt.getTime());
  });

  it("recognises its write when the answer was lost, and says so when it cannot", async () => {
    const [endpoint = ""] = cluster.endpoints;
    const twice = [endpoint, endpoint.replace("127.0.0.1", "localhost")];
    /** Carries the first change out, and then loses its answer. */
    const losing = (then: () => Promise<unknown>): EnvelopeStore => {
      let isLost = false;
      return openEtcdStore({
        endpoints: twice,
        async fetch(url, request) {
          const answer = await fetch(url, request);
          if (isLost || !url.endsWith("txn")) return answer;
          isLost = true;
          await answer.text();
          await then();
          throw new TypeError("fetch failed");
        },
      });
    };
    const mine = randomBytes(50);
    const revision = await losing(async () => undefined).write("lost", mine, { expected: null });
    expect((await store.read("lost"))?.revision).toBe(revision);
    const replaced = losing(async () => {
      const now = await store.read("lost");
      await store.write("lost", randomBytes(50), { expected: now?.revision ?? null });
    });
    const unknown = await replaced
      .write("lost", randomBytes(50), { expected: revision })
      .catch((reason: unknown) => reason);
    expect(codeOf(unknown)).toBe("ERR_LETHE_STORE_UNKNOWN");
  });

  it("refuses who may not, by a code of its own", async () => {
    const [endpoint = ""] = cluster.endpoints;
    const etcdctl = (...parameters: string[]): void =>
      void execFileSync("etcdctl", ["--endpoints", endpoint, ...parameters], {
        env: { ...process.env, ETCDCTL_API: "3" },
        stdio: "ignore",
      });
    etcdctl("user", "add", "root:not-a-secret");
    etcdctl("user", "grant-role", "root", "root");
    etcdctl("auth", "enable");
    try {
      const error = await store.read("seen").catch((reason: unknown) => reason);
      expect(codeOf(error)).toBe("ERR_LETHE_STORE_DENIED");
      const { signal } = new AbortController();
      const watch = store.watch?.("seen", () => undefined, signal);
      expect(codeOf(await watch?.catch((reason: unknown) => reason))).toBe(
        "ERR_LETHE_STORE_DENIED",
      );
    } finally {
      etcdctl("--user", "root:not-a-secret", "auth", "disable");
    }
  });
});

describe.skipIf(!SOAK || NO_ETCD !== null)("three etcd servers", () => {
  it("lose and mix up nothing of 16 writers while servers are killed and stopped", {
    timeout: 300_000,
  }, async () => {
    await using cluster = await EtcdCluster.start({ servers: 3 });
    const options = { endpoints: cluster.endpoints, timeout: 6000 };
    await ready(openEtcdStore(options));
    const events: Event[] = [];
    const codes = new Map<string, number>();
    let isOver = false;
    const client = async (number: number): Promise<void> => {
      const turned = cluster.endpoints.map((_, at, all) => all[(at + number) % 3] ?? "");
      const store = openEtcdStore({ ...options, endpoints: turned });
      while (!isOver) {
        const bytes = randomBytes(64);
        const began = performance.now();
        try {
          const found = await store.read("shared");
          events.push({ what: "read", began, ended: performance.now(), found });
          const expected = found?.revision ?? null;
          const start = performance.now();
          const revision = await store.write("shared", bytes, { expected }).catch((error) => {
            if (codeOf(error) !== "ERR_LETHE_STORE_UNKNOWN") throw error;
            return null;
          });
          const ended = revision === null ? Infinity : performance.now();
          events.push({ what: "write", began: start, ended, bytes, expected, revision });
        } catch (error) {
          codes.set(codeOf(error), (codes.get(codeOf(error)) ?? 0) + 1);
        }
      }
    };
    const clients = Array.from({ length: 16 }, (_, number) => client(number));
    for (const round of [0, 1, 2]) {
      await pause(1500);
      cluster.servers[round]?.stop();
      await pause(4000);
      cluster.servers[round]?.resume();
      await pause(1500);
      cluster.servers[round]?.kill();
      await pause(2500);
      cluster.servers[round]?.start();
    }
    await pause(2000);
    isOver = true;
    await Promise.all(clients);
    const written = events.filter((event) => event.what === "write" && event.revision !== null);
    expect(written.length).toBeGreaterThan(100);
    expect(faultOf(events)).toBeNull();
    // Nothing but what the contract allows.
    expect([...codes.keys()].filter((code) => !ALLOWED.includes(code))).toEqual([]);
  });

  it("rotate a secret although the server of its watch is stopped", {
    timeout: 120_000,
  }, async () => {
    await using cluster = await EtcdCluster.start({ servers: 3 });
    const options = { endpoints: cluster.endpoints, timeout: 3000, heartbeat: 500 };
    let watched = ""; // at the server that was ready first
    const store = openEtcdStore({
      ...options,
      fetch(url, request) {
        if (url.endsWith("/v3/watch")) watched = new URL(url).origin;
        return fetch(url, request as RequestInit);
      },
    });
    await ready(store);
    const secrets = openSecrets({ memory: "heap" });
    const identity = openEnvelopes(secrets).createIdentity();
    const stored = openStoredSecrets(secrets, store);
    await stored.publish("db", [["value", secrets.random(8)]], [identity]);
    const events: RotationEvent[] = [];
    const login = await rotating(secrets, stored.source([identity]), "db", {
      pollEvery: 3000,
      onEvent: (event) => void events.push(event),
    });
    const server = cluster.servers.find(({ endpoint }) => endpoint === watched);
    const endpoints = cluster.endpoints.filter((endpoint) => endpoint !== watched).slice(-1);
    const publisher = openStoredSecrets(secrets, openEtcdStore({ ...options, endpoints }));
    const until = async (version: string): Promise<number> => {
      const began = performance.now();
      while (login.version !== version) {
        if (performance.now() - began > 30_000) throw new Error(`no version ${version}`);
        await pause(20);
      }
      return performance.now() - began;
    };
    const publish = () => publisher.publish("db", [["value", secrets.random(8)]], [identity]);
    await until(await publish());
    server?.stop();
    await pause(2500); // an election, where it was the leader
    await until(await publish());
    await expect
      .poll(() => events.map(({ kind }) => kind), { timeout: 30_000 })
      .toContain("watch-ended");
    server?.resume();
    await pause(4000); // the next poll watches again
    expect(await until(await publish())).toBeLessThan(2500);
    login.close();
    secrets.purge();
  });
});

const ALLOWED: readonly string[] = ["ERR_LETHE_STORE_CONFLICT", "ERR_LETHE_STORE_UNAVAILABLE"];

describe.skipIf(!SOAK || NO_ETCD !== null)("etcd that asks for a client certificate", () => {
  const folder = mkdtempSync(join(tmpdir(), "lethe-etcd-tls-"));
  let certificates: Certificates;
  let cluster: EtcdCluster;
  beforeAll(async () => {
    certificates = makeCertificates(folder);
    const { ca, server } = certificates;
    cluster = await EtcdCluster.start({
      servers: 1,
      protocol: "https",
      parameters: [
        ...["--cert-file", server[0], "--key-file", server[1]],
        ...["--client-cert-auth", "--trusted-ca-file", ca],
      ],
    });
    await pause(1500);
  }, 60_000);
  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it.each(
    ["node-22", "node-24", "node-26", "deno", "bun"].filter((name) =>
      existsSync(RUNTIMES[name]?.[0] ?? ""),
    ),
  )("is read and watched with one on %s, and not without", { timeout: 60_000 }, (runtime) => {
    const [file = "", ...words] = RUNTIMES[runtime] ?? [];
    const flags = runtime.startsWith("node") ? ["--no-warnings"] : [];
    const { ca, client } = certificates;
    const { stdout, stderr } = spawnSync(
      file,
      [
        ...[...flags, ...words, "testing/features/stores/certificate_probe.ts"],
        ...[cluster.endpoints[0] ?? "", ca, ...client],
      ],
      { encoding: "utf8", timeout: 50_000 },
    );
    expect(stdout.trim(), stderr).toBe("ERR_LETHE_STORE_UNAVAILABLE written noticed true");
  });
});
