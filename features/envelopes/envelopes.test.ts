import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Identity, Recipient, Stanza } from "../../core/contract/key_wrapper.ts";
import type { SecretMemory } from "../../core/contract/memory.ts";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import { FakeMemory } from "../../testing/core/fake_memory.ts";
import { endingsOfPurges, PURGED_OR_DONE } from "../../testing/core/purges.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { codeOf, text, textOf } from "../../testing/features/envelopes/texts.ts";
import { born } from "../crypto/lend.ts";
import { AgeEnvelopes } from "./age_envelopes.ts";
import { copyOf } from "./bytes.ts";
import { parseHeader } from "./header.ts";
import { type Envelopes, openEnvelopes, type StreamPair } from "./mod.ts";

const ENGINES = await openEngines();
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
// A secret that a test drops would be counted until it is collected, in the middle of some later test.
afterEach(() => secrets.purge());

/** A system whose generator gives the same bytes every time, as after a virtual machine was restored. */
class RepeatingMemory extends FakeMemory {
  randomize(bytes: Uint8Array): void {
    bytes.fill(0x5a);
  }
}

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))("%s", (_name, engine) => {
  it("opens what each engine sealed", async () => {
    const own = openEnvelopes(secrets, { engine });
    const identity = own.createIdentity();
    for (const other of ENGINES) {
      const theirs = openEnvelopes(secrets, { engine: other });
      const to = [theirs.parseRecipient(identity.recipient)];
      const envelope = await theirs.seal(text("a message"), to);
      expect(textOf(await own.open(envelope, [identity]))).toBe("a message");
    }
  });
});

describe("seal and open", () => {
  it("opens for each of several recipients and for nobody else", async () => {
    const identities = [1, 2, 3].map(() => envelopes.createIdentity());
    const stranger = envelopes.createIdentity();
    const envelope = await envelopes.seal(text("a message"), identities);
    for (const identity of identities) {
      expect(textOf(await envelopes.open(envelope, [stranger, identity]))).toBe("a message");
    }
    expect(await codeOf(envelopes.open(envelope, [stranger]))).toBe("ERR_LETHE_ENVELOPE_ADDRESS");
  });

  it("leaves no secret behind but the one that it gives", async () => {
    const identity = envelopes.createIdentity();
    const message = secrets.random(100);
    const before = secrets.stats.live;
    const envelope = await envelopes.seal(message, [identity]);
    expect(secrets.stats.live).toBe(before);
    const secret = await envelopes.open(envelope, [identity]);
    expect(secrets.stats.live).toBe(before + 1);
    secret.destroy();
    const wrong = envelopes.createIdentity();
    const bad = envelope.slice();
    bad[bad.length - 1] = (bad.at(-1) as number) ^ 1;
    for (const attempt of [
      envelopes.open(envelope, [wrong]),
      envelopes.open(bad, [identity]),
      envelopes.open(envelope, [identity], { context: text("none") }),
      envelopes.seal(message, [failing]),
    ]) {
      expect(await codeOf(attempt)).not.toBe("none");
    }
    wrong.destroy();
    expect(secrets.stats.live).toBe(before);
  });

  const failing: Recipient = {
    name: "failing",
    version: null,
    residue: null,
    wrap: () => Promise.reject(new RangeError("it fails")),
  };

  it("refuses an envelope with any byte turned over, or cut", async () => {
    const identity = envelopes.createIdentity();
    const envelope = await envelopes.seal(text("a message"), [identity]);
    const before = secrets.stats.live;
    for (let at = 0; at < envelope.length; at++) {
      const bad = envelope.slice();
      bad[at] = (bad[at] as number) ^ (1 << (at % 8));
      expect(await codeOf(envelopes.open(bad, [identity])), `byte ${at}`).toMatch(
        /^ERR_LETHE_(FORGED|ENVELOPE_FORMAT|ENVELOPE_ADDRESS)$/,
      );
      expect(await codeOf(envelopes.open(envelope.slice(0, at), [identity]))).toMatch(/^ERR_LETHE/);
    }
    expect(secrets.stats.live).toBe(before);
  });

  it("uses no key and nonce twice, also where random bytes, time and count repeat", async () => {
    const repeating = openSecrets({ memory: new RepeatingMemory() as SecretMemory });
    const own = new AgeEnvelopes({
      secrets: repeating,
      engine: ENGINES[0] as CryptoEngine,
      fresh: { asksSystem: true, fill: (bytes) => void bytes.fill(0x5a) },
      land: (byteLength, fill) => born(repeating, byteLength, fill),
    });
    const identity = own.createIdentity();
    const phrase = repeating.random(8);
    const passphrase = own.usePassphrase(phrase, { logWork: 1 });
    // Another file key, for the same recipient: another ephemeral key, and another salt.
    const keys = [1, 2].map((value) => repeating.move(new Uint8Array(16).fill(value)));
    for (const wrapper of [identity, passphrase]) {
      const shares = keys.map((key) => (wrapper.wrap(key) as readonly Stanza[])[0]?.args[1]);
      expect(shares[0]).not.toBe(shares[1]);
    }
    // The same file key, for another payload: another nonce, and with it another key.
    for (const seal of [
      (message: string) => own.seal(text(message), [identity]),
      async (message: string) => {
        const pieces = ReadableStream.from([text(message)]);
        const pair = own.sealStream([identity]) as unknown as ReadableWritablePair<Uint8Array>;
        return copyOf(Buffer.concat(await Array.fromAsync(pieces.pipeThrough(pair))));
      },
    ]) {
      const [first, second, again] = await Promise.all(["one", "two", "one"].map(seal));
      expect(payloadOf(first).slice(0, 16)).not.toEqual(payloadOf(second).slice(0, 16));
      // What nobody has but whoever has the plaintext: the test would see a nonce that is fresh all the same.
      expect(payloadOf(first)).toEqual(payloadOf(again));
    }
    repeating[Symbol.dispose]();
  });

  const payloadOf = (envelope: Uint8Array<ArrayBuffer> = text("")): Uint8Array =>
    envelope.slice(parseHeader(envelope).byteLength);
});

describe("a purge", () => {
  const slow = <T extends Recipient & Identity>(inner: T): Recipient & Identity => ({
    name: "slow",
    version: null,
    residue: null,
    wrap: async (fileKey) => inner.wrap(fileKey),
    unwrap: async (stanzas, land) => inner.unwrap(stanzas, land),
  });
  const METHODS: Readonly<
    Record<string, (own: Envelopes, key: Recipient & Identity, envelope: Bytes) => Promise<unknown>>
  > = {
    seal: (own, key) => own.seal(text("a"), [key, key]),
    open: (own, key, envelope) => own.open(envelope, [key]),
    readdress: (own, key, envelope) => own.readdress(envelope, [key], [key]),
    reseal: (own, key, envelope) => own.reseal(envelope, [key], [key]),
    sealStream: (own, key) => through(own.sealStream([key]), [randomBytes(70_000)]),
    openStream: (own, key, envelope) => through(own.openStream([key]), [envelope]),
  };
  const through = (pair: StreamPair<unknown>, pieces: readonly Uint8Array[]): Promise<unknown> =>
    Array.fromAsync(ReadableStream.from(pieces).pipeThrough(pair as ReadableWritablePair));
  type Bytes = Uint8Array<ArrayBuffer>;

  it.each(Object.entries(METHODS))("at any wait of %s is not misuse", async (_name, call) => {
    const key = slow(envelopes.createIdentity());
    const envelope = await envelopes.seal(text("a message"), [key]);
    const endings = await endingsOfPurges(
      async () => (own) => call(openEnvelopes(own), key, envelope),
    );
    expect(endings).toEqual(PURGED_OR_DONE);
  });
});

describe("the secret of another library", () => {
  it("is sealed, read as an identity file, and takes part in a stream", async () => {
    const lender = (bytes: Uint8Array): StandardSecretV1 => ({
      "~secret": {
        version: 1,
        vendor: "another",
        byteLength: bytes.length,
        expose: (use) => use(copyOf(bytes)),
      },
    });
    const identity = envelopes.createIdentity();
    const file = envelopes.formatIdentity(identity).expose((bytes) => copyOf(bytes));
    const before = secrets.stats.live;
    const [same] = envelopes.parseIdentities(lender(file));
    if (same === undefined) throw new Error("there is no identity");
    const envelope = await envelopes.seal(lender(text("a message")), [same]);
    const opened = await envelopes.open(envelope, [identity]);
    expect(textOf(opened)).toBe("a message");
    const sealed = ReadableStream.from([lender(text("a message"))]).pipeThrough(
      envelopes.sealStream([same]) as unknown as ReadableWritablePair<Uint8Array, unknown>,
    );
    const parts: Uint8Array[] = [];
    for await (const part of sealed) parts.push(part);
    const again = await envelopes.open(Buffer.concat(parts), [identity]);
    expect(textOf(again)).toBe("a message");
    for (const secret of [same, opened, again]) secret.destroy();
    expect(secrets.stats.live).toBe(before);
  });
});
