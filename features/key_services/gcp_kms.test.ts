import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ascii } from "../../testing/core/samples.ts";
import { GcpKmsDouble, slowCrc32c } from "../../testing/features/key_services/gcp_kms_double.ts";
import type { Given } from "../../testing/features/key_services/http_double.ts";
import { errorOf, ServiceStage } from "../../testing/features/key_services/stage.ts";
import { SOAK } from "../../testing/tier.ts";
import { doubled, type KeyWrapper, runWrapperConformance } from "../envelopes/mod.ts";
import { type GcpKmsOptions, KeyServiceError, openGcpKmsService } from "./mod.ts";

const stage = new ServiceStage();
const { secrets, envelopes, land } = stage;
const gcp = new GcpKmsDouble();
let key = "";

beforeAll(() => gcp.start());
afterAll(() => gcp.stop());
afterEach(() => {
  gcp.clear();
  secrets.purge();
});

function service(options: Partial<GcpKmsOptions> = {}) {
  const own = { key, token: ascii(gcp.token), endpoint: gcp.address, retries: 0 };
  return openGcpKmsService(secrets, { ...own, httpOnLoopback: true, ...options });
}

const behind = (options: Partial<GcpKmsOptions> = {}): KeyWrapper => stage.behind(service(options));

const asked = (index: number): Record<string, unknown> =>
  JSON.parse(`${gcp.came[index]?.body}`) as Record<string, unknown>;

describe("a key of Google Cloud KMS", () => {
  it("follows the rules of wrappers behind which it stands, and names its version", async () => {
    key = gcp.addKey("one");
    const [wrapper, other] = [behind(), behind({ key: gcp.addKey("two") })];
    if (SOAK) expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
    const [stanza] = await wrapper.wrap(secrets.random(16));
    expect(stanza?.args).toEqual(["lethe/doubled", `gcp-kms:${key}`, "1"]);
  });

  it("opens what an earlier version encrypted, and encrypts with the one that it was given", async () => {
    key = gcp.addKey("rotated");
    const inner = envelopes.createIdentity();
    const [latest, fixed] = [service(), service({ keyVersion: 1 })].map((outer) =>
      doubled(inner, outer),
    ) as [KeyWrapper, KeyWrapper];
    const fileKey = secrets.random(16);
    const before = await latest.wrap(fileKey);
    gcp.rotate(key);
    const after = await latest.wrap(fileKey);
    const older = await fixed.wrap(fileKey);
    expect([before, after, older].map(([stanza]) => stanza?.args[2])).toEqual(["1", "2", "1"]);
    for (const stanzas of [before, after, older]) {
      expect((await fixed.unwrap(stanzas, land))?.equals(fileKey)).toBe(true);
    }
    expect(gcp.came.map(({ path }) => path).slice(1, 4)).toEqual([
      `/v1/${key}:encrypt`,
      `/v1/${key}/cryptoKeyVersions/1:encrypt`,
      `/v1/${key}:decrypt`,
    ]);
    const [first] = gcp.keys.get(key)?.versions ?? [];
    if (first !== undefined) first.enabled = false;
    for (const call of [() => fixed.wrap(fileKey), () => latest.unwrap(before, land)]) {
      expect(await errorOf(call())).toMatchObject({
        fault: "disabled",
        serviceCode: "FAILED_PRECONDITION",
      });
    }
    const beyond = behind({ keyVersion: 9 });
    expect((await errorOf(beyond.wrap(fileKey))).fault).toBe("missing");
  });

  it("sends what it binds, with checksums, and opens with the same alone", async () => {
    key = gcp.addKey("bound");
    const inner = envelopes.createIdentity();
    const additionalAuthenticatedData = ascii("tenant 7");
    const wrapper = doubled(inner, service({ additionalAuthenticatedData }));
    const fileKey = secrets.random(16);
    const stanzas = await wrapper.wrap(fileKey);
    expect((await wrapper.unwrap(stanzas, land))?.equals(fileKey)).toBe(true);
    for (const [index, field] of [
      [0, "plaintext"],
      [1, "ciphertext"],
    ] as const) {
      const sent = asked(index);
      expect(Object.keys(sent).sort()).toEqual(
        [
          field,
          `${field}Crc32c`,
          "additionalAuthenticatedData",
          "additionalAuthenticatedDataCrc32c",
        ].sort(),
      );
      for (const name of [field, "additionalAuthenticatedData"]) {
        const sum = slowCrc32c(Buffer.from(`${sent[name]}`, "base64"));
        expect(sent[`${name}Crc32c`]).toBe(sum);
      }
    }
    for (const options of [{ additionalAuthenticatedData: ascii("tenant 8") }, {}]) {
      const another = doubled(inner, service(options));
      expect(await errorOf(another.unwrap(stanzas, land))).toMatchObject({
        fault: "foreign",
        serviceCode: "INVALID_ARGUMENT",
      });
    }
  });

  it.each([
    ["denied", 403, "PERMISSION_DENIED", "PERMISSION_DENIED"],
    ["denied", 401, "UNAUTHENTICATED", "UNAUTHENTICATED"],
    ["missing", 404, "NOT_FOUND", "NOT_FOUND"],
    ["disabled", 400, "FAILED_PRECONDITION", "FAILED_PRECONDITION"],
    ["throttled", 429, "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"],
    ["throttled", 429, "SOMETHING", null],
    ["unavailable", 503, "UNAVAILABLE", "UNAVAILABLE"],
    ["unavailable", 500, "ya29.token", null],
    ["refused", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"],
    ["refused", 400, "constructor", null],
    ["refused", 400, 7, null],
  ] as const)("is %s by status %d and %s", async (fault, status, code, serviceCode) => {
    key = gcp.addKey("failing");
    gcp.trouble = { status, body: { error: { code: status, status: code, message: gcp.token } } };
    const error = await errorOf(behind().wrap(secrets.random(16)));
    expect(error).toBeInstanceOf(KeyServiceError);
    expect(error).toMatchObject({ code: "ERR_LETHE_WRAPPER", fault, status, serviceCode });
    expect(error.message).not.toContain("ya29");
  });

  it("is refused with another token, and for another key", async () => {
    key = gcp.addKey("one");
    const stranger = behind({ token: ascii("ya29.another") });
    expect((await errorOf(stranger.wrap(secrets.random(16)))).fault).toBe("denied");
    const gone = behind({ key: `${key}x` });
    expect((await errorOf(gone.wrap(secrets.random(16)))).fault).toBe("missing");
  });

  const changed = (change: Record<string, unknown>) => (good: Given) => ({
    ...good,
    body: { ...(good.body as object), ...change },
  });
  const flipped = (field: string) => (good: Given) => {
    const body = good.body as Record<string, string>;
    const sent = Buffer.from(`${body[field]}`, "base64");
    sent[sent.length - 1] = (sent[sent.length - 1] ?? 0) ^ 1;
    return { ...good, body: { ...body, [field]: sent.toString("base64") } };
  };

  it.each([
    ["damaged", "a bit that was turned over", flipped("ciphertext")],
    ["damaged", "no checksum", changed({ ciphertextCrc32c: undefined })],
    ["damaged", "a checksum of something else", changed({ ciphertextCrc32c: "1" })],
    ["damaged", "a checksum that is no text", changed({ ciphertextCrc32c: 7 })],
    [
      "damaged",
      "a plaintext that was not checked",
      changed({ verifiedPlaintextCrc32c: undefined }),
    ],
    ["damaged", "a check that is text", changed({ verifiedPlaintextCrc32c: "true" })],
    [
      "damaged",
      "bound data that were not checked",
      changed({ verifiedAdditionalAuthenticatedDataCrc32c: false }),
    ],
    ["malformed", "no ciphertext", changed({ ciphertext: undefined })],
    ["malformed", "an empty one", changed({ ciphertext: "" })],
    ["malformed", "base64url", changed({ ciphertext: "QU-_" })],
    ["malformed", "an error beside it", changed({ error: {} })],
    ["mismatched", "no name", changed({ name: undefined })],
    ["mismatched", "another key", changed({ name: "projects/p/cryptoKeys/k/cryptoKeyVersions/1" })],
    ["mismatched", "a key like it", (good: Given) => renamed(good, (name) => `x${name.slice(1)}`)],
    ["mismatched", "version 0", (good: Given) => renamed(good, (name) => name.replace(/1$/, "0"))],
    ["mismatched", "no version", (good: Given) => renamed(good, (name) => name.replace(/1$/, ""))],
    ["mismatched", "two versions", (good: Given) => renamed(good, (name) => `${name}/2`)],
  ] as const)("refuses as %s an encryption with %s", async (fault, _what, trouble) => {
    key = gcp.addKey("changed");
    const additionalAuthenticatedData = ascii("a");
    const wrapper = behind({ additionalAuthenticatedData });
    gcp.trouble = trouble as (good: Given) => Given;
    expect(await errorOf(wrapper.wrap(secrets.random(16)))).toMatchObject({ fault, status: 200 });
  });

  it("refuses an encryption with another version than it asked for", async () => {
    key = gcp.addKey("changed");
    const wrapper = behind({ keyVersion: 1 });
    gcp.trouble = (good) => renamed(good, (name) => `${name}1`);
    expect((await errorOf(wrapper.wrap(secrets.random(16)))).fault).toBe("mismatched");
  });

  function renamed(good: Given, change: (name: string) => string): Given {
    const body = good.body as { name: string };
    return { ...good, body: { ...body, name: change(body.name) } };
  }

  it.each([
    ["damaged", "a bit that was turned over", flipped("plaintext")],
    ["damaged", "no checksum", changed({ plaintextCrc32c: undefined })],
    ["malformed", "none", changed({ plaintext: undefined, plaintextCrc32c: "0" })],
    ["malformed", "something else", changed({ plaintext: ["QUJD"] })],
  ] as const)("refuses as %s a plaintext with %s", async (fault, _what, trouble) => {
    key = gcp.addKey("changed");
    const wrapper = behind();
    const stanzas = await wrapper.wrap(secrets.random(16));
    gcp.trouble = trouble as (good: Given) => Given;
    expect((await errorOf(wrapper.unwrap(stanzas, land))).fault).toBe(fault);
  });

  it("asks again for what was damaged, as its API advises", async () => {
    key = gcp.addKey("again");
    const wrapper = behind({ retries: 1 });
    gcp.troubles.push(flipped("ciphertext"));
    expect(await wrapper.wrap(secrets.random(16))).toHaveLength(1);
    expect(gcp.came).toHaveLength(2);
  });

  it("is asked again for a request that was damaged: the service checks its checksums", async () => {
    key = gcp.addKey("request");
    const damaging: GcpKmsOptions["fetch"] = async (url, request) => {
      const body = JSON.parse(Buffer.from(request.body).toString()) as Record<string, string>;
      body["plaintext"] = Buffer.from("something else").toString("base64");
      return await fetch(url, { ...request, body: JSON.stringify(body) });
    };
    const error = await errorOf(behind({ fetch: damaging }).wrap(secrets.random(16)));
    expect(error).toMatchObject({ fault: "refused", serviceCode: "INVALID_ARGUMENT" });
  });

  it.each([
    [
      "key",
      [
        ...["", "k", "projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1"],
        ...["projects/p/locations/l/keyRings/r/cryptoKeys/k:decrypt", "projects/../locations/l"],
        ...["projects/p/locations/l/keyRings/r/cryptoKeys/k?x", 7, undefined],
      ],
    ],
    ["keyVersion", [0, 1.5, "1"]],
    ["additionalAuthenticatedData", ["text", new Uint8Array(0), new Uint8Array(65_537)]],
    ["token", ["text", undefined, new Uint8Array(0)]],
    ["endpoint", ["http://10.0.0.1", "https://a/b", 7]],
  ])("refuses %s of another form, and keeps nothing", (name, values) => {
    key = gcp.addKey("one");
    const live = secrets.stats.live;
    for (const value of values) {
      expect(() => service({ [name]: value } as never)).toThrow(
        /^Cannot open Google Cloud KMS service as /,
      );
    }
    expect(secrets.stats.live).toBe(live);
  });

  it("asks Google where nothing else is said", async () => {
    const urls: string[] = [];
    const own = { key: gcp.addKey("one"), token: ascii("t"), retries: 0 };
    const outer = openGcpKmsService(secrets, {
      ...own,
      async fetch(url) {
        urls.push(url);
        return await Promise.reject(new Error("none"));
      },
    });
    await errorOf(doubled(envelopes.createIdentity(), outer).wrap(secrets.random(16)));
    expect(urls).toEqual([`https://cloudkms.googleapis.com/v1/${own.key}:encrypt`]);
  });

  it("is asked over http, on a loopback address too, only where that was allowed", () => {
    expect(() => service({ httpOnLoopback: false })).toThrow(/as endpoint must have https/);
  });
});
