import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ascii } from "../../testing/core/samples.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { good, plain, TransitStage } from "../../testing/features/key_services/transit_stage.ts";
import { doubled, type KeyService } from "../envelopes/mod.ts";
import { type KeyServiceFetch, openTransitService } from "./mod.ts";

const stage = new TransitStage();
const { secrets, envelopes, vault, service } = stage;

beforeAll(() => stage.start());
afterAll(() => vault.stop());
afterEach(() => stage.clear());

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
    expect(() => doubled(envelopes.createIdentity(), fake)).toThrow();
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

  it("refuses more than the service takes", async () => {
    const wide = { ...envelopes.createIdentity(), name: "wide", version: null, residue: null };
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
