import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { ascii } from "../../testing/core/samples.ts";
import type { Given } from "../../testing/features/key_services/http_double.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { TransitStage } from "../../testing/features/key_services/transit_stage.ts";
import { doubled, type KeyWrapper, runWrapperConformance } from "../envelopes/mod.ts";
import { KeyServiceError, openTransitService, type TransitOptions } from "./mod.ts";

const stage = new TransitStage();
const { secrets, envelopes, land, vault, service } = stage;

beforeAll(() => vault.start());
afterAll(() => vault.stop());
afterEach(() => {
  stage.clear();
  vault.keys.clear();
  vault.namespace = null;
  vault.mount = "transit";
});

const behind = (options: Partial<TransitOptions> = {}): KeyWrapper =>
  stage.behind(service(options));

const asked = (index: number): Record<string, unknown> =>
  JSON.parse(`${vault.came[index]?.body}`) as Record<string, unknown>;

describe("a transit key", () => {
  it("follows the rules of wrappers behind which it stands, and names its version", async () => {
    vault.addKey("one");
    vault.addKey("two");
    const [wrapper, other] = [behind(), behind({ key: "two" })];
    expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
    const [stanza] = await wrapper.wrap(secrets.random(16));
    expect(stanza?.args).toEqual(["lethe/doubled", "transit:transit/one", "1"]);
  });

  it("goes on from a stanza that it did not encrypt to one that it did", async () => {
    vault.addKey("one");
    const wrapper = behind();
    const fileKey = secrets.random(16);
    const [good] = (await wrapper.wrap(fileKey)) as [Stanza];
    const foreign = { ...good, body: good.body.with(-1, (good.body.at(-1) as number) ^ 1) };
    expect((await wrapper.unwrap([foreign, good], land))?.equals(fileKey)).toBe(true);
    expect(await errorOf(wrapper.unwrap([foreign], land))).toMatchObject({ fault: "foreign" });
  });

  it("opens what an earlier version encrypted, and encrypts with the one that it was given", async () => {
    vault.addKey("one");
    const inner = envelopes.createIdentity();
    const [latest, fixed] = [service(), service({ keyVersion: 1 })].map((outer) =>
      doubled(inner, outer),
    ) as [KeyWrapper, KeyWrapper];
    const fileKey = secrets.random(16);
    const before = await latest.wrap(fileKey);
    vault.rotate("one");
    const after = await latest.wrap(fileKey);
    const older = await fixed.wrap(fileKey);
    expect([before, after, older].map(([stanza]) => stanza?.args[2])).toEqual(["1", "2", "1"]);
    for (const stanzas of [before, after, older]) {
      expect((await latest.unwrap(stanzas, land))?.equals(fileKey)).toBe(true);
    }
    // The version that the envelope names is the one that is asked for.
    const [stanza] = before as [(typeof before)[0]];
    const renamed = {
      args: [stanza.args[0], `${stanza.args[1]}`, "2"] as const,
      body: stanza.body,
    };
    expect((await errorOf(latest.unwrap([renamed], land))).fault).toBe("foreign");
    for (const version of ["0", "01", "-1", "1.5", "x", "99999999999"]) {
      const odd = {
        args: [stanza.args[0], `${stanza.args[1]}`, version] as const,
        body: stanza.body,
      };
      expect((await errorOf(latest.unwrap([odd], land))).code).toBe("ERR_LETHE_ENVELOPE_FORMAT");
    }
    expect(fixed.version).toBe("1");
  });

  it("sends namespace, context and associated data, and opens with the same alone", async () => {
    vault.addKey("one", true);
    vault.namespace = "team/a";
    vault.mount = "secrets/transit";
    const own = {
      namespace: "team/a",
      mount: "secrets/transit",
      context: ascii("tenant 7"),
      associatedData: ascii("db"),
    };
    const inner = envelopes.createIdentity();
    const wrapper = doubled(inner, service(own));
    const fileKey = secrets.random(16);
    const stanzas = await wrapper.wrap(fileKey);
    expect((await wrapper.unwrap(stanzas, land))?.equals(fileKey)).toBe(true);
    expect(wrapper.name).toContain("behind transit:team/a/secrets/transit/one");
    expect(asked(0)).toMatchObject({
      context: Buffer.from("tenant 7").toString("base64"),
      associated_data: Buffer.from("db").toString("base64"),
    });
    for (const changed of [{ context: ascii("tenant 8") }, { associatedData: ascii("da") }]) {
      const another = doubled(inner, service({ ...own, ...changed }));
      expect((await errorOf(another.unwrap(stanzas, land))).fault).toBe("foreign");
    }
    const without = doubled(inner, service({ namespace: "team/a", mount: "secrets/transit" }));
    expect((await errorOf(without.wrap(fileKey))).fault).toBe("refused");
  });

  it.each([
    ["denied", 403, { errors: ["permission denied"] }],
    ["missing", 404, { errors: ["no handler for route"] }],
    ["missing", 400, { errors: ["encryption key not found"] }],
    [
      "disabled",
      400,
      { errors: ["ciphertext or signature version is disallowed by policy (too old)"] },
    ],
    ["disabled", 400, { errors: ["invalid ciphertext: version is too new"] }],
    ["throttled", 429, { errors: ["request path: rate limit quota exceeded"] }],
    ["unavailable", 503, { errors: ["Vault is sealed"] }],
    ["unavailable", 500, "oops"],
    ["unavailable", 502, "<html>"],
    ["unavailable", 412, { errors: [] }],
    ["refused", 400, { errors: [{}, 7, null] }],
    ["refused", 418, [] as unknown],
  ] as const)("is %s by status %d and %j", async (fault, status, body) => {
    vault.addKey("one");
    const wrapper = behind();
    const stanzas = await wrapper.wrap(secrets.random(16));
    vault.trouble = { status, body };
    for (const call of [
      () => wrapper.unwrap(stanzas, land),
      () => wrapper.wrap(secrets.random(16)),
    ]) {
      const error = await errorOf(call());
      expect(error).toBeInstanceOf(KeyServiceError);
      expect(error).toMatchObject({ code: "ERR_LETHE_WRAPPER", fault, status, serviceCode: null });
      expect(error.message).toMatch(
        /^Cannot (un)?wrap file key: transit:transit\/one: it answers HTTP/,
      );
      expect(error.message).not.toContain(vault.token);
    }
  });

  it("takes what the server does when a version is off, the key is gone, or the token is another", async () => {
    const key = vault.addKey("one");
    const inner = envelopes.createIdentity();
    const wrapper = doubled(inner, service());
    const stanzas = await wrapper.wrap(secrets.random(16));
    vault.rotate("one");
    key.leastToDecrypt = 2;
    key.leastToEncrypt = 2;
    expect((await errorOf(wrapper.unwrap(stanzas, land))).fault).toBe("disabled");
    const fixed = doubled(inner, service({ keyVersion: 1 }));
    expect((await errorOf(fixed.wrap(secrets.random(16)))).fault).toBe("disabled");
    const beyond = doubled(inner, service({ keyVersion: 9 }));
    expect((await errorOf(beyond.wrap(secrets.random(16)))).fault).toBe("disabled");
    const stranger = doubled(inner, service({ token: ascii("hvs.another") }));
    expect((await errorOf(stranger.wrap(secrets.random(16)))).fault).toBe("denied");
    vault.keys.clear();
    expect((await errorOf(wrapper.unwrap(stanzas, land))).fault).toBe("missing");
  });

  const data = (change: (data: Record<string, unknown>) => unknown) => (good: Given) => {
    const body = good.body as { data: Record<string, unknown> };
    return { ...good, body: { ...body, data: change(body.data) } };
  };
  const cipher = (ciphertext: unknown) => data((given) => ({ ...given, ciphertext }));

  it.each([
    ["malformed", "no data", () => ({ status: 200, body: {} })],
    ["malformed", "a list", () => ({ status: 200, body: [] })],
    ["malformed", "data that is a list", data(() => [])],
    ["malformed", "nothing in it", data(() => ({}))],
    ["malformed", "no prefix", cipher("QUJD")],
    ["malformed", "another prefix", cipher("wrapped:v1:QUJD")],
    ["malformed", "no version", cipher("vault:v:QUJD")],
    ["malformed", "version 0", cipher("vault:v0:QUJD")],
    ["malformed", "nothing behind it", cipher("vault:v1:")],
    ["malformed", "base64 that is not canonical", cipher("vault:v1:QUJE=")],
    ["malformed", "more lines", cipher("vault:v1:QUJD\nvault:v1:QUJD")],
    ["malformed", "a number", cipher(7)],
    ["mismatched", "another version beside it", data((given) => ({ ...given, key_version: 2 }))],
    ["mismatched", "a version that is text", data((given) => ({ ...given, key_version: "1" }))],
  ] as const)("refuses as %s an encryption with %s", async (fault, _what, trouble) => {
    vault.addKey("one");
    vault.trouble = trouble as (good: Given) => Given;
    const error = await errorOf(behind().wrap(secrets.random(16)));
    expect(error).toMatchObject({ fault, status: 200 });
  });

  it("refuses an encryption with another version than it asked for", async () => {
    vault.addKey("one");
    vault.rotate("one");
    const wrapper = behind({ keyVersion: 1 });
    vault.trouble = data((given) => ({
      ...given,
      ciphertext: `${given["ciphertext"]}`.replace("v1", "v2"),
      key_version: 2,
    }));
    expect((await errorOf(wrapper.wrap(secrets.random(16)))).fault).toBe("mismatched");
    // An older server says it in the ciphertext alone.
    vault.trouble = data(({ ciphertext }) => ({ ciphertext }));
    expect(await wrapper.wrap(secrets.random(16))).toHaveLength(1);
  });

  it.each([
    ["none", undefined],
    ["empty", ""],
    ["of another form", "*"],
    ["a list", []],
  ])("refuses plaintext that is %s", async (_what, plaintext) => {
    vault.addKey("one");
    const wrapper = behind();
    const stanzas = await wrapper.wrap(secrets.random(16));
    vault.trouble = data(() => ({ plaintext }));
    expect((await errorOf(wrapper.unwrap(stanzas, land))).fault).toBe("malformed");
  });

  it("gives no key where the server decrypts something else", async () => {
    vault.addKey("one");
    const wrapper = behind();
    const stanzas = await wrapper.wrap(secrets.random(16));
    vault.trouble = data(() => ({ plaintext: Buffer.from("something else").toString("base64") }));
    expect((await errorOf(wrapper.unwrap(stanzas, land))).code).toBe("ERR_LETHE_ENVELOPE_FORMAT");
  });

  it("sends the names of its API alone, and ciphertext of which the file key is no part", async () => {
    vault.addKey("one");
    const wrapper = behind();
    const fileKey = secrets.random(16);
    const raw = fileKey.expose((key) => Buffer.from(key));
    await wrapper.unwrap(await wrapper.wrap(fileKey), land);
    expect([Object.keys(asked(0)), Object.keys(asked(1))]).toEqual([["plaintext"], ["ciphertext"]]);
    for (const { body } of vault.came) {
      const said = JSON.parse(`${body}`) as Record<string, string>;
      for (const text of Object.values(said)) {
        const sent = Buffer.from(text.replace(/^vault:v1:/, ""), "base64");
        expect(sent.includes(raw)).toBe(false);
      }
    }
  });

  it.each([
    ["key", ["", ".", "..", "a/b", "a b", "a%2fb", "-a", "x".repeat(101), 7, undefined]],
    ["mount", ["", "/a", "a/", "a//b", "../sys", "a/..", "a?b", "a#b", 7, null]],
    ["namespace", ["", "/a", "..", "a b", "a\n", 7, null]],
    ["keyVersion", [0, -1, 1.5, "1", 2 ** 31]],
    ["context", ["text", new Uint8Array(0), new Uint8Array(4097), 7]],
    ["associatedData", ["text", new Uint8Array(0), new Uint8Array(4097)]],
  ])("refuses %s of another form", (name, values) => {
    for (const value of values) {
      const own = { address: "https://127.0.0.1", key: "one", token: ascii("t") };
      const make = (): unknown => openTransitService(secrets, { ...own, [name]: value } as never);
      expect(make).toThrow(/^Cannot open transit service as /);
    }
  });
});
