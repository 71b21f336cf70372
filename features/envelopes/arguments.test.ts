import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Recipient } from "../../core/contract/key_wrapper.ts";
import { codeOf, text, textOf } from "../../testing/features/envelopes/texts.ts";
import { bech32Encode } from "./bech32.ts";
import { openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
// A secret that a test drops would be counted until it is collected, in the middle of some later test.
afterEach(() => secrets.purge());

const bare = { name: "own", version: null, residue: null };

describe("seal and open", () => {
  it("refuses recipients that a header has no room for: it would open for nobody", async () => {
    const wordy = (characters: number): Recipient => ({
      ...bare,
      wrap: () => [{ args: ["wordy", "x".repeat(characters)], body: new Uint8Array(1) }],
    });
    const identity = envelopes.createIdentity();
    const sealed = await envelopes.seal(text("a"), [wordy(1), identity]);
    const most = 1 + 2 ** 20 - envelopes.inspect(sealed).headerBytes;
    const full = await envelopes.seal(text("a"), [wordy(most), identity]);
    expect(textOf(await envelopes.open(full, [identity]))).toBe("a");
    await expect(envelopes.seal(text("a"), [wordy(most + 1), identity])).rejects.toThrow(
      /^Cannot seal as recipients must have room in a header of 1048576 bytes: theirs has 1048577/,
    );
  });

  it("takes a secret that is destroyed already for misuse, and one that is destroyed while recipients are asked for none", async () => {
    const secret = secrets.random(32);
    const asked = {
      ...bare,
      wrap() {
        secret.destroy();
        return [{ args: ["a"] as [string], body: new Uint8Array(1) }];
      },
    };
    await expect(envelopes.seal(secret, [asked])).rejects.toThrow(
      /^Cannot seal: its secret was destroyed while recipients were asked$/,
    );
    // In the words of the secret itself.
    await expect(envelopes.seal(secret, [asked])).rejects.toThrow(
      /^Cannot expose secret: it was destroyed$/,
    );
  });

  it("refuses a recipient that gives more stanzas than a call takes arguments", async () => {
    const [stanza, body] = [["a"] as [string], new Uint8Array(0)];
    const many = { ...bare, wrap: () => new Array(200_000).fill({ args: stanza, body }) };
    await expect(envelopes.seal(text("a"), [many])).rejects.toThrow(
      /^Cannot seal as recipients must have room in a header of 1048576 bytes: theirs has/,
    );
  });

  it("refuses a recipient whose stanzas would keep every other one from opening", async () => {
    const identity = envelopes.createIdentity();
    const giving = (types: readonly string[], alone = false): Recipient => ({
      ...bare,
      alone,
      wrap: () => types.map((type) => ({ args: [type], body: new Uint8Array(32) })),
    });
    for (const to of [
      [giving(["scrypt"])],
      [identity, giving(["b", "scrypt"])],
      [giving(["scrypt", "scrypt"], true)],
    ]) {
      const sealing = envelopes.seal(text("a"), to);
      await expect(sealing).rejects.toThrow(/must give a scrypt stanza only as its one stanza/);
    }
    for (const to of [[giving(["lethe/context"])], [identity, giving(["lethe/context"])]]) {
      for (const options of [{}, { context: text("b") }]) {
        const sealing = envelopes.seal(text("a"), to, options);
        await expect(sealing).rejects.toThrow(/must give no lethe\/context stanza/);
      }
    }
    const sealed = await envelopes.seal(text("a"), [identity]);
    const again = envelopes.readdress(sealed, [identity], [giving(["lethe/context"]), identity]);
    await expect(again).rejects.toThrow(/must give no lethe\/context stanza/);
    await envelopes.seal(text("a"), [giving(["scrypt"], true)]);
  });

  it("quotes no more of the types of an envelope than a message has room for", async () => {
    const identity = envelopes.createIdentity();
    const wordy = Array.from({ length: 50 }, (_, at) => `${at}`.padEnd(10_000, "x"));
    const body = new Uint8Array(1);
    const to = { ...bare, wrap: () => wordy.map((type) => ({ args: [type] as const, body })) };
    const envelope = await envelopes.seal(text("a"), [to]);
    const error: Error = await envelopes.open(envelope, [identity]).catch((error) => error);
    expect(error.message).toMatch(/^Cannot open envelope: none of .* of 0xxx.*, 7xxx/);
    expect(error.message.length).toBeLessThan(1100);
  });

  it("refuses wrong arguments as such", async () => {
    const identity = envelopes.createIdentity();
    const seal = envelopes.seal.bind(envelopes) as (...args: unknown[]) => Promise<unknown>;
    const open = envelopes.open.bind(envelopes) as (...args: unknown[]) => Promise<unknown>;
    const message = text("a");
    const envelope = await envelopes.seal(message, [identity]);
    for (const [attempt, name] of [
      [seal("a", [identity]), "TypeError"],
      [seal(message, identity), "TypeError"],
      [seal(message, []), "RangeError"],
      [seal(message, [identity.recipient]), "TypeError"],
      [seal(message, [identity], { contekst: message }), "TypeError"],
      [seal(message, [identity], { context: secrets.random(4) }), "TypeError"],
      [seal(message, [identity], { context: new Uint8Array(5000) }), "RangeError"],
      [seal(message, [identity], { context: new Uint8Array(0) }), "RangeError"],
      [seal(message, [identity], { armor: 1 }), "TypeError"],
      [open("a", [identity]), "TypeError"],
      [open(secrets.random(4), [identity]), "TypeError"],
      [open(envelope, []), "RangeError"],
      [open(envelope, [identity], { armor: true }), "TypeError"],
      [seal(message, [{ ...bare, wrap: () => [] }]), "TypeError"],
      [seal(message, [{ ...bare, wrap: () => [{ args: ["a b"], body: message }] }]), "TypeError"],
      [seal(message, [{ ...bare, wrap: () => [{ args: ["a\n"], body: message }] }]), "TypeError"],
      [open(envelope, [{ ...bare, unwrap: () => secrets.random(32) }]), "TypeError"],
      [seal(new Uint8Array(0), [identity]).then((empty) => open(empty, [identity])), "RangeError"],
    ] as const) {
      expect(await codeOf(attempt)).toBe(name);
    }
  });

  it("refuses a key of nothing but zeros", async () => {
    const identity = envelopes.createIdentity();
    const envelope = await envelopes.seal(text("a"), [identity]);
    const before = secrets.stats.live;
    const given = [{ ...bare, unwrap: () => secrets.allocate(16) }];
    expect(await codeOf(envelopes.open(envelope, given))).toBe("ERR_LETHE_KEY_INVALID");
    const passphrase = secrets.allocate(8);
    expect(() => envelopes.usePassphrase(passphrase)).toThrow(/nothing but zeros/);
    passphrase.destroy();
    expect(() => envelopes.parseIdentities(zeroIdentity())).toThrow(/nothing but zeros/);
    expect(secrets.stats.live).toBe(before);
  });

  /** The identity of a private key of zeros. */
  function zeroIdentity(): Uint8Array<ArrayBuffer> {
    const line = new Uint8Array(74);
    bech32Encode("AGE-SECRET-KEY-", new Uint8Array(32), line);
    return line;
  }

  it("notices a buffer that was taken away while it waited", async () => {
    const identity = envelopes.createIdentity();
    const slow = (recipient: Recipient): Recipient => ({
      ...bare,
      async wrap(fileKey) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return recipient.wrap(fileKey);
      },
    });
    const message = text("a message that goes");
    const sealing = envelopes.seal(message, [slow(identity)]);
    structuredClone(message.buffer, { transfer: [message.buffer] });
    const complaint = /^Cannot seal as secret must hold its bytes until the promise settles/;
    await expect(sealing).rejects.toThrow(complaint);
    const room = new ArrayBuffer(100, { maxByteLength: 200 });
    const shrinking = envelopes.seal(new Uint8Array(room), [slow(identity)]);
    room.resize(50);
    await expect(shrinking).rejects.toThrow(complaint);
    const envelope = await envelopes.seal(text("a message"), [identity]);
    const opening = envelopes.open(envelope, [
      { ...bare, unwrap: async (...given) => identity.unwrap(...given) },
    ]);
    structuredClone(envelope.buffer, { transfer: [envelope.buffer] });
    expect(await codeOf(opening)).toBe("TypeError");
  });
});
