import { describe, expect, it } from "vitest";
import { openSecrets } from "../../../adapters/node/mod.ts";
import type { LetheError } from "../../../core/mod.ts";
import { codeOf } from "../../../testing/features/stores/code_of.ts";
import { openEtcdStore, openStoredSecrets, type StoreFetch, type StoreRequest } from "../mod.ts";

const HEADER = { revision: "9" };
const ENDPOINT = "http://127.0.0.1:2379";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const KEY = base64("lethe/db");

/** A server that gives one answer to everything. */
function answering(body: unknown, status = 200): StoreFetch {
  return async () =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
}

const open = (fetch: StoreFetch, timeout = 1000) =>
  openEtcdStore({ endpoints: [ENDPOINT], fetch, timeout });
const secrets = openSecrets({ memory: "heap" });
const kv = { key: KEY, value: base64("sealed"), mod_revision: "7" };

describe("an answer of etcd", () => {
  it("is taken when it is of the form", async () => {
    const found = await open(answering({ header: HEADER, kvs: [kv], count: "1" })).read("db");
    expect([found?.revision, Buffer.from(found?.envelope ?? []).toString()]).toEqual([
      "7",
      "sealed",
    ]);
    expect(await open(answering({ header: HEADER })).read("db")).toBeNull();
  });

  it.each([
    {},
    { status: "ok" },
    { message: "login required" },
    { result: {} },
    { header: null },
    { header: {} },
    { header: { revision: "0" } },
    { header: { revision: 9 } },
  ])("%j, of another service, is none that stands for nothing", async (body) => {
    const store = open(answering(body));
    const stored = openStoredSecrets(secrets, store);
    for (const asked of [store.read("db"), stored.remove("db")]) {
      await expect(asked).rejects.toMatchObject({
        code: "ERR_LETHE_STORE_FAILED",
        message: expect.stringMatching(/correct the endpoints/),
      });
    }
    expect(await codeOf(store.write("db", new Uint8Array(5), { expected: null }))).toBe(
      "ERR_LETHE_STORE_UNKNOWN",
    );
    const expires = { expected: null, expiresAt: new Date(Date.now() + 60_000) };
    const leased = open(answering({ ...body, ID: "77" })).write("db", new Uint8Array(5), expires);
    expect(await codeOf(leased)).toBe("ERR_LETHE_STORE_FAILED");
    const watched = open(answering({ ...body, created: true }));
    const watch = watched.watch?.("db", () => undefined, new AbortController().signal);
    expect(await codeOf(watch)).toBe("ERR_LETHE_STORE_FAILED");
  });

  it.each([
    ["of another key", { header: HEADER, kvs: [{ ...kv, key: base64("lethe/other") }] }],
    ["without a revision", { header: HEADER, kvs: [{ ...kv, mod_revision: undefined }] }],
    ["with a revision that is a number", { header: HEADER, kvs: [{ ...kv, mod_revision: 7 }] }],
    ["with a revision of zero", { header: HEADER, kvs: [{ ...kv, mod_revision: "0" }] }],
    ["without a value", { header: HEADER, kvs: [{ ...kv, value: undefined }] }],
    ["with a value that is not base64", { header: HEADER, kvs: [{ ...kv, value: "*" }] }],
    ["that is not a list", { header: HEADER, kvs: "x" }],
    ["of nothing in a list", { header: HEADER, kvs: [] }],
    ["of null in a list", { header: HEADER, kvs: [null] }],
    ["that is a list", []],
    ["that is text", "it works!"],
    ["that is nothing", ""],
    ["that says what it does not know", { error: "etcdserver: unknown", code: 2 }],
  ])("is refused %s", async (_what, body) => {
    expect(await codeOf(open(answering(body)).read("db"))).toBe("ERR_LETHE_STORE_FAILED");
  });

  it.each([
    ["ERR_LETHE_STORE_DENIED", { error: "etcdserver: permission denied", code: 7 }, 403],
    ["ERR_LETHE_STORE_DENIED", { error: "etcdserver: invalid auth token", code: 16 }, 401],
    ["ERR_LETHE_STORE_DENIED", { error: "etcdserver: user name is empty", code: 3 }, 400],
    ["ERR_LETHE_STORE_UNAVAILABLE", { error: "etcdserver: no leader", code: 14 }, 503],
    ["ERR_LETHE_STORE_UNAVAILABLE", "<html>bad gateway</html>", 502],
    ["ERR_LETHE_STORE_FAILED", "<html>not found</html>", 404],
  ])("is %s for %j", async (code, body, status) => {
    expect(await codeOf(open(answering(body, status)).read("db"))).toBe(code);
  });

  it("is asked for with no option that lies on Object.prototype, by a fetch that is no method", async () => {
    const seen: unknown[] = [];
    const fetch: StoreFetch = async function (this: unknown, _url, request) {
      seen.push(this, "client" in request, "client" in request.headers);
      return new Response(JSON.stringify({ header: HEADER }));
    };
    Object.assign(Object.prototype, { client: {} });
    try {
      expect(await open(fetch).read("db")).toBeNull();
    } finally {
      delete (Object.prototype as { client?: unknown }).client;
    }
    expect(seen).toEqual([undefined, false, false]);
  });

  it("that says nothing of a change leaves open whether it was made", async () => {
    for (const fetch of [
      answering({ error: "etcdserver: request timed out", code: 14 }, 503),
      answering("", 502),
      answering({ succeeded: true, header: {} }),
    ]) {
      const store = open(fetch);
      const write = store.write("db", new Uint8Array(5), { expected: null });
      expect(await codeOf(write)).toBe("ERR_LETHE_STORE_UNKNOWN");
      expect(await codeOf(store.remove("db", { expected: "7" }))).toBe("ERR_LETHE_STORE_UNKNOWN");
    }
  });

  it("cannot steer a terminal or fill a log", async () => {
    const said = `\u001b[2J\u202e${"x".repeat(100_000)}`;
    const error = await open(answering({ error: said, code: 2 }))
      .read("db")
      .catch((reason: unknown) => reason);
    const { message } = error as LetheError;
    expect(message.length).toBeLessThan(500);
    expect(message).toMatch(/^[\x20-\x7e]*$/);
  });

  it.each([
    ["one line", "aaaaaaaa"],
    ["many lines", `${"a".repeat(1023)}\n`],
  ])("is bounded in bytes, of %s", async (_what, text) => {
    let given = 0;
    const piece = Buffer.from(text.repeat(65_536 / text.length));
    const store = open(async () => {
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          given += piece.length;
          if (given > 2 ** 24) controller.close();
          else controller.enqueue(piece);
        },
      });
      return { status: 200, body };
    }, 20_000);
    expect(await codeOf(store.read("db"))).toBe("ERR_LETHE_STORE_UNAVAILABLE");
    expect(given).toBeLessThan(4 * 2 ** 20);
  });

  it("is bounded in time, of a server that says nothing and of one that never ends", async () => {
    const silent: StoreFetch = (_url, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    const endless: StoreFetch = async (_url, { signal }) => ({
      status: 200,
      body: new ReadableStream<Uint8Array>({
        start(controller) {
          signal.addEventListener("abort", () => controller.error(signal.reason));
        },
      }),
    });
    for (const fetch of [silent, endless]) {
      expect(await codeOf(open(fetch, 100).read("db"))).toBe("ERR_LETHE_STORE_UNAVAILABLE");
      const stop = new AbortController();
      const read = open(fetch, 10_000).read("db", stop.signal);
      stop.abort(new Error("mine"));
      expect(await codeOf(read)).toBe("Error: mine");
      const watch = open(fetch, 100).watch?.("db", () => undefined, new AbortController().signal);
      expect(await codeOf(watch)).toBe("ERR_LETHE_STORE_UNAVAILABLE");
    }
  });
});

describe("a request to etcd", () => {
  it("follows no redirection, and goes to the next server when one is silent", async () => {
    const asked: [string, StoreRequest["redirect"]][] = [];
    const store = openEtcdStore({
      endpoints: [ENDPOINT, "https://[::1]:2379/"],
      async fetch(url, request) {
        asked.push([url, request.redirect]);
        if (asked.length === 1) throw new TypeError("fetch failed");
        return await answering({ header: HEADER })(url, request);
      },
    });
    await store.read("db");
    await store.read("db");
    expect(asked).toEqual([
      [`${ENDPOINT}/v3/kv/range`, "error"],
      ["https://[::1]:2379/v3/kv/range", "error"],
      ["https://[::1]:2379/v3/kv/range", "error"],
    ]);
  });

  it.each([
    "http://10.0.0.1:2379",
    "http://127.0.0.1.example.org:2379",
    "https://user:password@10.0.0.1:2379",
    "https://10.0.0.1:2379/v3",
    "https://10.0.0.1:2379/?x",
    "ftp://127.0.0.1",
    "nonsense",
    7,
  ])("is not sent to %s", (endpoint) => {
    let error: unknown;
    try {
      openEtcdStore({ endpoints: [endpoint as string] });
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).not.toContain("password@");
  });
});
