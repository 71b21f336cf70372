import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Operation } from "../../core/contract/engine.ts";
import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { FAULTY } from "../../testing/features/envelopes/faulty_wrappers.ts";
import { SOAK } from "../../testing/tier.ts";
import { type PrivateKey, parseKey } from "../keys/mod.ts";
import { copyOf } from "./bytes.ts";
import { doubled, type OuterService, openEnvelopes, runWrapperConformance } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

/** What a service without a key does. */
const flip = async (bytes: Uint8Array): Promise<Uint8Array> => bytes.map((byte) => byte ^ 255);

/** A service with AES-256-GCM, as a KMS is one. It notes what it was given. */
class Service implements OuterService {
  readonly name: string = "example/key";
  readonly version = "3";
  readonly seen: Uint8Array[] = [];
  readonly #key = randomBytes(32);

  async encrypt(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    this.seen.push(bytes);
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  async decrypt(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    const cipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, 12));
    cipher.setAuthTag(bytes.subarray(-16));
    const opened = Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
    this.seen.push(opened);
    return opened;
  }
}

const SERVICE = new Service();
const flip3: Uint8Array<ArrayBuffer> = new Uint8Array([3, 3, 3]);

function sshPrivateKey(type: "ed25519" | "rsa"): PrivateKey {
  const { privateKey } = generateKeyPairSync(type as "rsa", { modulusLength: 2048 });
  return parseKey(secrets, copyOf(privateKey.export({ type: "pkcs8", format: "der" })));
}

const sshKey = (type: "ed25519" | "rsa"): KeyWrapper => envelopes.useKey(sshPrivateKey(type));

const KINDS: Readonly<Record<string, () => KeyWrapper>> = {
  X25519: () => envelopes.createIdentity(),
  "ssh-ed25519": () => sshKey("ed25519"),
  ...(SOAK ? { "ssh-rsa": () => sshKey("rsa") } : {}),
  scrypt: () => envelopes.usePassphrase(secrets.random(10), { logWork: 1 }),
  "X25519 behind a service": () => doubled(envelopes.createIdentity(), SERVICE),
};

describe("the suite of wrappers", () => {
  it.each(Object.entries(KINDS))("finds no fault in %s", async (_name, make) => {
    const [wrapper, other] = [make(), make()];
    const faults = await runWrapperConformance({ secrets, wrapper, other });
    expect(faults).toEqual([]);
  });

  it.each(FAULTY)("finds %s in one that %s", async (rule, _how, make) => {
    const wrapper = make(envelopes.createIdentity(), secrets);
    const other = envelopes.createIdentity();
    const faults = await runWrapperConformance({ secrets, wrapper, other });
    expect(faults.map((fault) => fault.rule)).toContain(rule);
  });
});

describe("what a wrapper leaves", () => {
  it("is what its engine leaves for the operations that it uses, and says so of every kind", async () => {
    const [ed25519, rsa] = [sshPrivateKey("ed25519"), SOAK ? sshPrivateKey("rsa") : null];
    for (const engine of await openEngines()) {
      const own = openEnvelopes(secrets, { engine });
      const leaves = (...operations: readonly Operation[]): unknown =>
        operations.every((operation) => engine.residue[operation] === undefined)
          ? null
          : expect.stringContaining(
              `${operations[0]}: ${engine.residue[operations[0] as Operation]}`,
            );
      const identity = own.createIdentity();
      for (const [{ residue }, left] of [
        [identity, leaves("x25519")],
        [identity, leaves("chacha20-poly1305")],
        [identity, leaves("hmac-sha256")],
        [own.parseRecipient(identity.recipient), leaves("x25519")],
        [own.useKey(ed25519), leaves("x25519")],
        ...(rsa === null ? [] : [[own.useKey(rsa), leaves("keyed-hash")] as const]),
        [own.usePassphrase(secrets.random(8)), leaves("chacha20-poly1305")],
      ] as const) {
        expect(residue).toEqual(left);
      }
    }
  });
});

describe("doubled", () => {
  it("shows the service ciphertext alone, and opens with both", async () => {
    const service = new Service();
    const identity = envelopes.createIdentity();
    const both = doubled(identity, service);
    const fileKey = secrets.random(16);
    const key = fileKey.expose((bytes) => copyOf(bytes));
    const stanzas = await both.wrap(fileKey);
    const envelope = await envelopes.seal(secrets.random(32), [both]);
    (await envelopes.open(envelope, [both])).destroy();
    expect(service.seen.length).toBe(3);
    for (const seen of service.seen) expect(Buffer.from(seen).includes(key)).toBe(false);
    expect(stanzas[0]?.args).toEqual(["lethe/doubled", "example/key", "3"]);
    // Neither part opens it alone.
    await expect(envelopes.open(envelope, [identity])).rejects.toMatchObject({
      code: "ERR_LETHE_ENVELOPE_ADDRESS",
    });
    const stranger = doubled(envelopes.createIdentity(), service);
    await expect(envelopes.open(envelope, [stranger])).rejects.toMatchObject({
      code: "ERR_LETHE_ENVELOPE_ADDRESS",
    });
  });

  it("says which service failed and how, and nothing of what was sent", async () => {
    const identity = envelopes.createIdentity();
    const failing = (decrypt: OuterService["decrypt"]): KeyWrapper =>
      doubled(identity, { name: "example/key", version: null, encrypt: flip, decrypt });
    const envelope = await envelopes.seal(secrets.random(3), [failing(flip)]);
    for (const [decrypt, message] of [
      [
        async (bytes: Uint8Array) => {
          throw Object.assign(new Error(`denied ${bytes.join()}`), { code: "ACCESS_DENIED" });
        },
        /^Cannot wrap file key: example\/key: decrypt failed \(ACCESS_DENIED\); the log of the service says why$/,
      ],
      [
        async (bytes: Uint8Array) => {
          throw Object.assign(new Error("no"), { code: `denied\n${bytes.join()}` });
        },
        /^Cannot wrap file key: example\/key: decrypt failed; the log of the service says why$/,
      ],
      [async () => "text" as unknown as Uint8Array, /gave no bytes/],
      [async () => new Uint8Array(0), /gave no bytes/],
      [async () => new Uint8Array(70_000), /or more than 65536/],
    ] as const) {
      await expect(envelopes.open(envelope, [failing(decrypt)])).rejects.toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(message),
      });
    }
    await expect(
      envelopes.open(envelope, [failing(async () => new Uint8Array(50))]),
    ).rejects.toMatchObject({ code: "ERR_LETHE_ENVELOPE_FORMAT" });
    // Another identity may do where a service is out of reach.
    const also = await envelopes.seal(secrets.random(3), [failing(flip), identity]);
    const down = failing(() => Promise.reject(new Error("down")));
    expect((await envelopes.open(also, [down, identity])).byteLength).toBe(3);
  });

  it("sends no stanza that holds the file key as it is, in its body or in an argument", async () => {
    const service = new Service();
    const fileKey = secrets.random(16);
    const raw = fileKey.expose((bytes) => copyOf(bytes));
    for (const stanza of [
      { args: ["plain"], body: copyOf(Buffer.concat([Buffer.of(7), raw, Buffer.of(7)])) },
      { args: ["plain", Buffer.from(raw).toString("base64").replace(/=+$/, "")], body: flip3 },
    ] as const) {
      const faulty = { ...envelopes.createIdentity(), wrap: () => [stanza], unwrap: () => null };
      const both = doubled({ ...faulty, name: "faulty", version: null, residue: null }, service);
      await expect(both.wrap(fileKey)).rejects.toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(
          /^Cannot wrap file key: faulty: its stanza holds the file key/,
        ),
      });
    }
    expect(service.seen).toEqual([]);
  });

  it("refuses a service that gives back what it was given", async () => {
    const echo = async (bytes: Uint8Array): Promise<Uint8Array> => Buffer.concat([flip3, bytes]);
    const service = { name: "echo", version: null, encrypt: echo, decrypt: echo };
    const both = doubled(envelopes.createIdentity(), service);
    await expect(both.wrap(secrets.random(16))).rejects.toThrow(/it returned what it was given/);
  });

  it("asks for the version that the envelope names, and says what the service leaves", async () => {
    const asked: unknown[] = [];
    const service = (version: string | null) => ({
      name: "example/key",
      version,
      residue: "headers",
      encrypt: flip,
      async decrypt(bytes: Uint8Array, version: string | null) {
        asked.push(version);
        return await flip(bytes);
      },
    });
    const identity = envelopes.createIdentity();
    const fileKey = secrets.random(16);
    const [older, newer, none] = ["1", "2", null].map((version) =>
      doubled(identity, service(version)),
    ) as [KeyWrapper, KeyWrapper, KeyWrapper];
    const land = (length: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void) =>
      secrets.land(length, fill);
    expect((await newer.unwrap(await older.wrap(fileKey), land))?.equals(fileKey)).toBe(true);
    expect(asked).toEqual(["1"]);
    for (const [by, stanzas] of [
      [none, await newer.wrap(fileKey)],
      [newer, await none.wrap(fileKey)],
    ] as const) {
      await expect(by.unwrap(stanzas, land)).rejects.toMatchObject({
        code: "ERR_LETHE_ENVELOPE_FORMAT",
      });
    }
    expect(asked).toEqual(["1"]);
    expect([newer.residue, newer.version]).toEqual(["headers", "2"]);
  });

  it("sends a service no more than eight stanzas of an envelope", async () => {
    let asked = 0;
    const decrypt = async (bytes: Uint8Array): Promise<Uint8Array> => {
      asked += 1;
      return await flip(bytes);
    };
    const service = { name: "example/key", version: null, encrypt: flip, decrypt };
    const theirs = await doubled(envelopes.createIdentity(), service).wrap(secrets.random(16));
    const many = Array.from({ length: 100 }, () => theirs).flat();
    const both = doubled(envelopes.createIdentity(), service);
    expect(await both.unwrap(many, (length, fill) => secrets.land(length, fill))).toBeNull();
    expect(asked).toBe(8);
  });

  it("refuses what has no name or no methods", () => {
    const identity = envelopes.createIdentity();
    const make = doubled as (...args: unknown[]) => unknown;
    for (const outer of [undefined, {}, { ...new Service(), name: "two words" }, { name: "a" }]) {
      expect(() => make(identity, outer)).toThrow(TypeError);
    }
    expect(() => make({}, new Service())).toThrow(TypeError);
  });
});
