import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LetheError } from "../../core/mod.ts";
import { ascii } from "../../testing/core/samples.ts";
import { errorOf, ServiceStage } from "../../testing/features/key_services/stage.ts";
import { TransitDouble } from "../../testing/features/key_services/transit_double.ts";
import { SOAK } from "../../testing/tier.ts";
import { doubled, type KeyService, type KeyWrapper } from "../envelopes/mod.ts";
import { secondsOf } from "./answer.ts";
import {
  type KeyServiceFetch,
  type LendCredential,
  openTransitService,
  type TransitOptions,
} from "./mod.ts";

const stage = new ServiceStage();
const { secrets, envelopes } = stage;
const vault = new TransitDouble();
const identity = (): KeyWrapper => envelopes.createIdentity();

/** It answers nobody. One of its own: what gave up before it was sent may come late. */
const silent = new TransitDouble();

beforeAll(async () => {
  vault.addKey("one");
  silent.trouble = "hang";
  await vault.start();
  await silent.start();
});
afterAll(async () => {
  await vault.stop();
  await silent.stop();
});
afterEach(() => {
  vault.clear();
  secrets.purge();
});

function service(options: Partial<TransitOptions> = {}): KeyService {
  const own = { address: vault.address, key: "one", token: ascii(vault.token), retries: 0 };
  return openTransitService(secrets, { ...own, httpOnLoopback: true, ...options });
}

const wrap = (outer: KeyService): Promise<number> => stage.wrap(outer);

/** Asks the double, and counts: what others asked before may come to it late. */
function counting(): { readonly fetch: KeyServiceFetch; count(): number } {
  let asked = 0;
  const ask: KeyServiceFetch = async (url, request) => {
    asked += 1;
    return await fetch(url, request);
  };
  return { fetch: ask, count: () => asked };
}

/** Answers as the double does, to be changed. */
const good = async (): Promise<Response> =>
  new Response(JSON.stringify({ data: { ciphertext: "vault:v1:QUJD", key_version: 1 } }), {
    headers: { "content-type": "application/json" },
  });

describe("a key service", () => {
  it("is the outer side of doubled, and nothing else: it is lent no bytes by anybody", async () => {
    const outer = service();
    // @ts-expect-error a key service is no recipient
    const seal = (): unknown => envelopes.seal(secrets.random(3), [outer]);
    // @ts-expect-error nor an identity
    const open = (): unknown => envelopes.open(new Uint8Array(3), [outer]);
    // @ts-expect-error nor the inner side
    const inner = (): unknown => doubled(outer, outer);
    for (const [call, message] of [
      [seal, /a key service is none of recipients: it would see file keys; pass doubled/],
      [open, /a key service is none of identities: it would see file keys; pass doubled/],
      [inner, /a key service is the outer side of doubled/],
    ] as const) {
      const error = await errorOf((async () => await call())());
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(message);
    }
    const names = [outer, Object.getPrototypeOf(outer) as object].flatMap(Reflect.ownKeys);
    expect(names.filter((name) => typeof name === "string").sort()).toEqual([
      "constructor",
      "destroy",
      "name",
      "residue",
      "toJSON",
      "toLocaleString",
      "toString",
      "version",
    ]);
    expect(vault.came).toEqual([]);
    // What only looks like one is none.
    const fake = Object.create(Object.getPrototypeOf(outer) as object) as KeyService;
    expect(() => doubled(identity(), fake)).toThrow();
    expect(`${outer}`).toBe("[KeyService transit:transit/one]");
  });

  it("ASK-1: follows no redirection, and says so", async () => {
    vault.trouble = "redirect";
    const error = await errorOf(wrap(service()));
    expect(error).toMatchObject({ fault: "malformed", status: 307 });
    expect(error.message).toMatch(/redirection, which is not followed/);
    expect(vault.came.map(({ path }) => path)).toEqual(["/v1/transit/encrypt/one"]);
    // A browser does not show where to, and a fetch of somebody else may have followed it.
    const hidden: KeyServiceFetch = async () => ({ ...plain(), status: 0 });
    const followed: KeyServiceFetch = async () => ({ ...plain(), redirected: true });
    for (const fetch of [hidden, followed]) {
      expect(await errorOf(wrap(service({ fetch })))).toMatchObject({ fault: "malformed" });
    }
  });

  const plain = () => ({
    status: 200,
    headers: new Headers({ "content-type": "application/json" }),
    body: new Response('{"data":{"ciphertext":"vault:v1:QUJD"}}').body,
  });

  it.each([
    "http://10.0.0.1:8200",
    "http://127.0.0.1.example.org",
    "http://example.org",
    "https://user:word@10.0.0.1",
    "https://user@10.0.0.1",
    "https://10.0.0.1/v1",
    "https://10.0.0.1/?x",
    "https://10.0.0.1/#x",
    "ftp://127.0.0.1",
    "file:///etc",
    "127.0.0.1:8200",
    "",
    7,
    undefined,
  ])("ASK-1: is not sent to %s", (address) => {
    const make = (): unknown => service({ address: address as string });
    expect(make).toThrow(/^Cannot open transit service as address must/);
    expect(make).not.toThrow(/word@/);
  });

  it("ASK-1: is sent over http to loopback alone, where that was asked for", () => {
    for (const host of ["127.0.0.1:1", "localhost", "[::1]:8200"]) {
      service({ address: `http://${host}` }).destroy();
      expect(() => service({ address: `http://${host}`, httpOnLoopback: false })).toThrow(
        TypeError,
      );
    }
    expect(() => service({ httpOnLoopback: "yes" as never })).toThrow(/must be a boolean/);
    Object.assign(Object.prototype, { httpOnLoopback: true, fetch: good });
    try {
      const own = { address: "http://127.0.0.1:1", key: "one", token: ascii("t") };
      expect(() => openTransitService(secrets, own)).toThrow(/must have https/);
    } finally {
      delete (Object.prototype as { httpOnLoopback?: unknown }).httpOnLoopback;
      delete (Object.prototype as { fetch?: unknown }).fetch;
    }
  });

  it("asks by the fetch that there was when Lethe was loaded", async () => {
    const { fetch } = globalThis;
    globalThis.fetch = () => Promise.reject(new Error("replaced"));
    try {
      expect(await wrap(service())).toBe(1);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  it("gives fetch no option that lies on Object.prototype, and is no object that it is a method of", async () => {
    const seen: unknown[] = [];
    const asked: KeyServiceFetch = async function (this: unknown, _url, request) {
      seen.push(this, "client" in request, "client" in request.headers);
      return await good();
    };
    Object.assign(Object.prototype, { client: {} });
    try {
      expect(await wrap(service({ fetch: asked }))).toBe(1);
    } finally {
      delete (Object.prototype as { client?: unknown }).client;
    }
    expect(seen).toEqual([undefined, false, false]);
  });

  it("ASK-2: ends in time, whether or not its fetch obeys, and with the signal's reason", async () => {
    const deaf: KeyServiceFetch = () => new Promise(() => undefined);
    const endless: KeyServiceFetch = async () => ({
      ...plain(),
      body: new ReadableStream<Uint8Array>({}),
    });
    const never: LendCredential = () => new Promise(() => undefined);
    const ways = [
      { fetch: endless },
      { token: never },
      { fetch: deaf },
      { address: silent.address },
    ];
    for (const options of ways.slice(SOAK ? 0 : 2)) {
      const began = performance.now();
      const error = await errorOf(wrap(service({ ...options, timeout: 100, retries: 10 })));
      expect(error).toMatchObject({ fault: "timeout", status: null, code: "ERR_LETHE_WRAPPER" });
      expect(performance.now() - began).toBeLessThan(5000);
      const stop = new AbortController();
      const reason = new Error("mine");
      const pending = errorOf(wrap(service({ ...options, signal: stop.signal })));
      setTimeout(() => stop.abort(reason), 20);
      expect(await pending).toBe(reason);
      expect(await errorOf(wrap(service({ ...options, signal: stop.signal })))).toBe(reason);
    }
  });

  it("ASK-2: ends with its destruction, in the middle of a request and for good", async () => {
    let lent = 0;
    const token: LendCredential = (use) => {
      lent += 1;
      use(secrets.adopt(ascii(vault.token)));
    };
    const outer = service({ token, address: silent.address });
    const began = performance.now();
    const pending = errorOf(wrap(outer));
    setTimeout(() => outer.destroy(), 20);
    expect(await pending).toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    expect(performance.now() - began).toBeLessThan(5000);
    outer.destroy();
    expect(await errorOf(wrap(outer))).toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    expect(lent).toBe(1);
  });

  it("leaves no rejection unseen when the credential is lent for longer than the request", async () => {
    const unseen: unknown[] = [];
    const note = (reason: unknown): void => void unseen.push(reason);
    process.on("unhandledRejection", note);
    try {
      const token: LendCredential = async (use) => {
        const secret = secrets.adopt(ascii(vault.token));
        use(secret);
        await new Promise(() => undefined);
      };
      const failing: KeyServiceFetch = () => Promise.reject(new Error("failed"));
      const error = await errorOf(wrap(service({ token, fetch: failing, timeout: 100 })));
      expect(error.fault).toBe("timeout");
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unseen).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it.each([
    ["unreachable", "half", null, /could not be reached, or its answer broke off/],
    ["unreachable", "reset", null, /could not be reached, or its answer broke off/],
    ["malformed", "half body", 200, /not of the form of its API/],
    ["malformed", "text", 200, /not of the type that its API has/],
    ["malformed", "long", 200, /too long for a wrapped key/],
  ] as const)(
    "ASK-3: is %s by an answer that goes wrong: %s",
    async (fault, trouble, status, message) => {
      vault.trouble = trouble;
      const error = await errorOf(wrap(service()));
      expect(error).toMatchObject({ code: "ERR_LETHE_WRAPPER", fault, status });
      expect(error.message).toMatch(message);
    },
  );

  it("ASK-3: reads no more than 128 KiB, whatever the length says", async () => {
    let given = 0;
    const piece = new Uint8Array(65_536).fill(0x20);
    const fetch: KeyServiceFetch = async () => ({
      ...plain(),
      body: new ReadableStream<Uint8Array>({
        pull(controller) {
          given += piece.length;
          controller.enqueue(piece);
        },
      }),
    });
    expect((await errorOf(wrap(service({ fetch })))).message).toMatch(/too long/);
    expect(given).toBeLessThanOrEqual(4 * 65_536);
  });

  it("ASK-3: reads no part of an answer through a prototype", async () => {
    const data = { ciphertext: "vault:v1:QUJD", key_version: 1 };
    const given = async (body: string): Promise<Response> =>
      new Response(body, { headers: { "content-type": "application/json" } });
    Object.assign(Object.prototype, { data, ...data });
    try {
      for (const body of ["{}", '{"data":{}}', "[]"]) {
        const error = await errorOf(wrap(service({ fetch: () => given(body) })));
        expect(error.fault).toBe("malformed");
      }
      expect(await wrap(service())).toBe(1);
    } finally {
      for (const name of ["data", ...Object.keys(data)])
        Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it.skipIf(!SOAK)("ASK-3: reads an answer that comes a byte at a time", async () => {
    const text = '{"data":{"ciphertext":"vault:v1:QUJD"}}'.padEnd(131_072);
    const bytes = ascii(text);
    const fetch: KeyServiceFetch = async () => {
      let at = 0;
      const read = async () =>
        at === bytes.length ? { done: true } : { done: false, value: bytes.subarray(at, ++at) };
      return { ...plain(), body: { getReader: () => ({ read, cancel: async () => undefined }) } };
    };
    expect(await wrap(service({ fetch }))).toBe(1);
  });

  it("ASK-3: cancels an answer that it does not read to its end, whatever is wrong with it", async () => {
    const piece = new Uint8Array(65_536).fill(0x20);
    const stop = new AbortController();
    for (const [status, pull, ending] of [
      [302, (controller) => controller.enqueue(piece), "malformed"],
      [200, (controller) => controller.enqueue(piece), "malformed"],
      [200, () => stop.abort("mine"), "mine"],
    ] as const satisfies readonly (readonly [
      number,
      (controller: ReadableStreamDefaultController<Uint8Array>) => void,
      string,
    ])[]) {
      let cancels = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          pull,
          cancel() {
            cancels += 1;
          },
        },
        { highWaterMark: 0 },
      );
      const fetch: KeyServiceFetch = async () => ({ ...plain(), status, body });
      const error: unknown = await errorOf(wrap(service({ fetch, signal: stop.signal })));
      expect((error as { fault?: string }).fault ?? error).toBe(ending);
      expect(cancels).toBe(1);
    }
  });

  it("ASK-4: asks again after what passes, and after nothing else", async () => {
    const body = { errors: ["no"] };
    for (const [trouble, times] of [
      ["reset", SOAK ? 3 : 2],
      [{ status: 503, body, headers: { "retry-after": "0" } }, 3],
      [{ status: 429, body, headers: { "retry-after": "0" } }, 3],
      [{ status: 400, body }, 1],
      [{ status: 403, body }, 1],
      ["text", 1],
      ["redirect", 1],
    ] as const) {
      vault.clear();
      vault.trouble = trouble;
      await errorOf(wrap(service({ retries: times - 1 || 2 })));
      expect([trouble, vault.came.length]).toEqual([trouble, times]);
    }
    vault.clear();
    vault.troubles.push("reset", { status: 503, body, headers: { "retry-after": "0" } });
    expect(await wrap(service({ retries: 2 }))).toBe(1);
    expect(vault.came.length).toBe(3);
  });

  it("ASK-4: waits as long as it is asked to, or fails at once where that is too long", async () => {
    const busy = (after: string) => ({
      status: 429,
      body: {},
      headers: { "retry-after": after },
    });
    if (SOAK) {
      vault.troubles.push(busy("1"));
      const began = performance.now();
      expect(await wrap(service({ retries: 1 }))).toBe(1);
      expect(performance.now() - began).toBeGreaterThan(990);
    }
    vault.trouble = busy("60");
    // Else it would be a timeout.
    const error = await errorOf(wrap(service({ retries: 9, timeout: 5000 })));
    expect(error).toMatchObject({ fault: "throttled", status: 429, retryAfter: 60 });
    // A wait is ended too.
    const stop = new AbortController();
    const pending = errorOf(wrap(service({ retries: 9, timeout: 90_000, signal: stop.signal })));
    setTimeout(() => stop.abort("mine"), 20);
    expect(await pending).toBe("mine");
  });

  it("reads Retry-After as RFC 9110 has it", () => {
    const soon = new Date(Date.now() + 30_000).toUTCString();
    expect(secondsOf("120")).toBe(120);
    expect(secondsOf(soon)).toBeGreaterThan(25);
    expect(secondsOf("Fri, 31 Dec 1999 23:59:59 GMT")).toBe(0);
    for (const text of [null, "", "-1", "1.5", "soon", "1e9", "2030-01-01", "9".repeat(30)]) {
      expect(secondsOf(text)).toBeNull();
    }
  });

  it("ASK-5: quotes nothing of what a fetch, an answer or a server says", async () => {
    const { token } = vault;
    const failing: KeyServiceFetch = (_url, { headers, body }) =>
      Promise.reject(new Error(`${JSON.stringify(headers)} ${Buffer.from(body)}`));
    const throwing: KeyServiceFetch = ((_url: string, { headers }: { headers: object }) => {
      throw Object.assign(new Error(JSON.stringify(headers)), { code: token });
    }) as never;
    const echo: KeyServiceFetch = async (_url, { headers }) =>
      new Response(JSON.stringify({ errors: [JSON.stringify(headers)] }), {
        status: 400,
        headers: { "content-type": "application/json", "retry-after": token },
      });
    for (const fetch of [failing, throwing, echo]) {
      const error = await errorOf(wrap(service({ fetch })));
      const said = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(error).toBeInstanceOf(LetheError);
      expect(said).not.toContain(token);
    }
  });

  it("refuses more than the service takes", async () => {
    const wide = { ...identity(), name: "wide", version: null, residue: null };
    const body = new Uint8Array(40_000).fill(1);
    const inner = { ...wide, wrap: () => [{ args: ["wide"], body }] as never, unwrap: () => null };
    const asking = counting();
    const outer = service({ fetch: asking.fetch });
    const error = await errorOf(doubled(inner, outer).wrap(secrets.random(16)));
    expect(error.message).toMatch(/it takes 32768 bytes, and wide gives/);
    expect(asking.count()).toBe(0);
  });

  it("refuses options that are none", () => {
    for (const options of [
      { timeout: 99 },
      { timeout: "1" },
      { retries: -1 },
      { retries: 11 },
      { retries: 0.5 },
      { signal: {} },
      { fetch: "fetch" },
      { tokens: 1 },
    ]) {
      expect(() => service(options as never)).toThrow(/^Cannot open transit service as/);
    }
    const open = openTransitService as (...args: unknown[]) => unknown;
    expect(() => open({}, {})).toThrow(/must come from openSecrets/);
    expect(() => open(secrets)).toThrow(TypeError);
  });
});
