import { describe, expect, it, vi } from "vitest";
import { codeOf } from "../../../testing/features/stores/code_of.ts";
import { MemoryStore, openEtcdStore, type StoreFetch } from "../mod.ts";

const HEADER = { revision: "9" };
const ENDPOINT = "http://127.0.0.1:2379";
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A server whose stream of a watch gives these lines, and stays open; it answers questions. */
function streaming(lines: readonly unknown[], answer: unknown = { header: HEADER }) {
  let more = (_line: unknown): void => undefined;
  const asked: string[] = [];
  const fetch: StoreFetch = async (url, { signal }) => {
    asked.push(new URL(url).pathname);
    if (!url.endsWith("/watch")) return new Response(JSON.stringify(answer));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        more = (line) => controller.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
        for (const line of lines) more(line);
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return { status: 200, body };
  };
  const store = openEtcdStore({ endpoints: [ENDPOINT], fetch, timeout: 1000, heartbeat: 100 });
  return { store, asked, more: (line: unknown): void => more(line) };
}

const BEGUN = { result: { header: HEADER, created: true } };
const CHANGED = { result: { header: HEADER, events: [{}] } };

describe("a watch of etcd", () => {
  it("that is aborted before it began ends with the reason, and listens no more", async () => {
    const stop = new AbortController();
    const kept = new Set<unknown>();
    const { signal } = stop;
    vi.spyOn(signal, "addEventListener").mockImplementation((_type, one) => void kept.add(one));
    vi.spyOn(signal, "removeEventListener").mockImplementation((_type, one) => kept.delete(one));
    const refused = streaming([{ result: { header: HEADER } }]).store;
    expect(await codeOf(refused.watch?.("db", () => undefined, signal))).toBe(
      "ERR_LETHE_STORE_FAILED",
    );
    expect(kept.size).toBe(0);
    const other = new AbortController();
    const watch = streaming([]).store.watch?.("db", () => undefined, other.signal);
    await pause(10);
    other.abort(new Error("mine"));
    expect(await codeOf(watch)).toBe("Error: mine");
  });

  it("is not begun where etcd says so in the answer that creates it", async () => {
    const canceled = {
      created: true,
      canceled: true,
      cancel_reason: "etcdserver: permission denied",
    };
    const { store } = streaming([{ result: canceled }]);
    const watch = store.watch?.("db", () => undefined, new AbortController().signal);
    expect(await codeOf(watch)).toBe("ERR_LETHE_STORE_DENIED");
  });

  it("goes on after a listener that throws, in etcd as in memory", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const stop = new AbortController();
    let calls = 0;
    const listener = (): never => {
      calls += 1;
      throw new Error("of the program");
    };
    const { store, more } = streaming([BEGUN]);
    await store.watch?.("db", listener, stop.signal);
    more(CHANGED);
    more(CHANGED);
    await pause(20);
    expect(calls).toBe(2);
    const memory = new MemoryStore();
    await memory.watch("db", listener, stop.signal);
    await memory.write("db", new Uint8Array(1), { expected: null });
    memory.fail("ERR_LETHE_STORE_FAILED");
    expect(calls).toBe(4);
    more({ error: { message: "gone", code: 14 } }); // its end is announced, and logged too
    await pause(20);
    expect(warned.mock.calls.map(([line]) => line)).toEqual(
      Array(5).fill("A listener to the changes of a store threw"),
    );
    stop.abort();
    warned.mockRestore();
  });

  it("ends where another service answers whether the server is still there", async () => {
    const { store } = streaming([BEGUN], { status: "ok" });
    const ended = Promise.withResolvers<unknown>();
    await store.watch?.("db", (error) => ended.resolve(error), new AbortController().signal);
    expect(await ended.promise).toMatchObject({ code: "ERR_LETHE_STORE_FAILED" });
  });

  it("asks nothing any more when it is over", async () => {
    const stop = new AbortController();
    const { store, asked } = streaming([BEGUN]);
    await store.watch?.("db", () => undefined, stop.signal);
    await pause(150);
    expect(asked).toContain("/v3/kv/range");
    stop.abort();
    const { length } = asked;
    await pause(250);
    expect(asked.length).toBe(length);
  });
});

describe("a fetch that does not obey its signal", () => {
  const never = new Promise<never>(() => undefined);
  const reader = { read: () => never, cancel: () => never };
  it.each<[string, StoreFetch]>([
    ["and does not answer", () => never],
    ["and does not end", async () => ({ status: 200, body: { getReader: () => reader } })],
  ])("%s keeps nobody waiting", async (_how, fetch) => {
    const open = (timeout: number) => openEtcdStore({ endpoints: [ENDPOINT], fetch, timeout });
    expect(await codeOf(open(100).read("db"))).toBe("ERR_LETHE_STORE_UNAVAILABLE");
    const stop = new AbortController();
    const pending = [
      open(10_000).read("db", stop.signal),
      open(10_000).watch?.("db", () => undefined, stop.signal),
    ];
    await pause(10);
    stop.abort(new Error("mine"));
    for (const one of pending) expect(await codeOf(one)).toBe("Error: mine");
  });
});
