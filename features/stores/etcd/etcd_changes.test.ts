import { describe, expect, it } from "vitest";
import { codeOf } from "../../../testing/features/stores/code_of.ts";
import { type EnvelopeStore, openEtcdStore, type StoreFetch } from "../mod.ts";

const HEADER = { revision: "9" };
const ENDPOINTS = ["http://127.0.0.1:2379", "http://127.0.0.1:2479"];
/** Whoever does not answer, or what is answered. */
type Answer = null | { readonly status?: number; readonly body: unknown };
const DENIED: Answer = { status: 403, body: { error: "etcdserver: permission denied", code: 7 } };
const FULL: Answer = { status: 429, body: { error: "etcdserver: no space", code: 8 } };
const CONFLICT: Answer = { body: { header: HEADER } };
const WRITTEN: Answer = { body: { header: HEADER, succeeded: true } };

/** A store whose servers give these answers, one after another, and what it asked them. */
function scene(answers: Readonly<Record<string, readonly Answer[]>>, timeout = 1000) {
  const asked: string[] = [];
  const given: Record<string, number> = {};
  const fetch: StoreFetch = async (url) => {
    const path = new URL(url).pathname.replace("/v3/", "");
    asked.push(path);
    given[path] = (given[path] ?? 0) + 1;
    const answer = answers[path]?.[given[path] - 1] ?? null;
    if (answer === null) throw new TypeError("fetch failed");
    const { body, status = 200 } = answer;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  };
  const store = openEtcdStore({ endpoints: ENDPOINTS, fetch, timeout });
  return { store, asked };
}

const LEASE = { "lease/grant": [{ body: { header: HEADER, ID: "77" } }] };
const expiresAt = new Date(Date.now() + 60_000);

const write = (store: EnvelopeStore, options = {}): Promise<string> =>
  store.write("db", new Uint8Array(5), { expected: null, ...options });
const remove = (store: EnvelopeStore): Promise<void> => store.remove("db", { expected: "7" });

describe("a change in etcd", () => {
  it.each([
    ["no server answers", [null, null]],
    ["the first is silent, and the next refuses", [null, DENIED]],
    ["the first is silent, and the next is full", [null, FULL]],
    ["etcd fails within", [{ status: 500, body: { error: "panic", code: 13 } }]],
    ["etcd knows no cause", [{ status: 500, body: { error: "unknown", code: 2 } }]],
    ["the answer is cut", [{ body: '{"header":{"revision":"9"},"succee' }]],
    ["the answer is of something else", [{ body: {} }]],
  ])("may have been made where %s", async (_what, txn) => {
    expect(await codeOf(write(scene({ "kv/txn": txn }).store))).toBe("ERR_LETHE_STORE_UNKNOWN");
    expect(await codeOf(remove(scene({ "kv/txn": txn }).store))).toBe("ERR_LETHE_STORE_UNKNOWN");
  });

  it.each([
    ["ERR_LETHE_STORE_DENIED", DENIED],
    ["ERR_LETHE_STORE_FAILED", FULL],
    ["ERR_LETHE_STORE_CONFLICT", CONFLICT],
  ])("was not made by who answers %s first", async (code, answer) => {
    expect(await codeOf(write(scene({ "kv/txn": [answer] }).store))).toBe(code);
    expect(await codeOf(remove(scene({ "kv/txn": [answer] }).store))).toBe(code);
  });

  it("may have been made where what is there cannot be read any more", async () => {
    for (const range of [[null, null], [DENIED]]) {
      const { store } = scene({ "kv/txn": [null, CONFLICT], "kv/range": range });
      expect(await codeOf(write(store))).toBe("ERR_LETHE_STORE_UNKNOWN");
    }
  });

  it("leaves no lease behind when it was not made, and its own when it may have been", async () => {
    for (const answer of [DENIED, FULL, CONFLICT]) {
      const { store, asked } = scene({ ...LEASE, "kv/txn": [answer] });
      await codeOf(write(store, { expiresAt }));
      expect(asked).toEqual(["lease/grant", "kv/txn", "lease/revoke"]);
    }
    for (const txn of [[null, null], [WRITTEN]]) {
      const { store, asked } = scene({ ...LEASE, "kv/txn": txn });
      await codeOf(write(store, { expiresAt }));
      expect(asked).not.toContain("lease/revoke");
    }
    const { store, asked } = scene(LEASE);
    expect(await codeOf(write(store, { expiresAt, expected: "of-another-store" }))).toBe(
      "ERR_LETHE_STORE_CONFLICT",
    );
    expect(asked).toEqual([]);
  });

  it("takes the time of one operation, with its lease and what it reads after it", async () => {
    const slow: StoreFetch = (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    const late: StoreFetch = async (url, request) => {
      if (!url.endsWith("lease/grant")) return await slow(url, request);
      await new Promise((resolve) => setTimeout(resolve, 300));
      return new Response(JSON.stringify({ header: HEADER, ID: "77" }));
    };
    const began = performance.now();
    const store = openEtcdStore({ endpoints: ENDPOINTS.slice(0, 1), fetch: late, timeout: 400 });
    expect(await codeOf(write(store, { expiresAt }))).toBe("ERR_LETHE_STORE_UNKNOWN");
    expect(performance.now() - began).toBeLessThan(600);
  });

  it("is not taken for made by what somebody put on Object.prototype", async () => {
    const shared = Object.prototype as { succeeded?: boolean };
    shared.succeeded = true;
    try {
      const { store } = scene({ "kv/txn": [{ body: { header: { revision: "9" } } }] });
      expect(await codeOf(write(store))).toBe("ERR_LETHE_STORE_CONFLICT");
    } finally {
      delete shared.succeeded;
    }
  });
});
