import { createHash, randomBytes } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { freshOf } from "../../core/fresh.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import { openEngines } from "../../testing/features/crypto/engines.ts";
import { age, hasAge, newIdentityFile, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { CCTV, isHybrid } from "../../testing/features/envelopes/cctv.ts";
import { born } from "../crypto/lend.ts";
import { copyOf } from "./bytes.ts";
import { openEnvelopes, type StreamPair } from "./mod.ts";
import { sealChunks } from "./streams.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());
const text = (value: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(value));

/** All that a stream gives for these pieces; chunks are destroyed. */
async function through<T extends Uint8Array | SecretBuffer>(
  pair: StreamPair<T>,
  pieces: Iterable<unknown>,
): Promise<{ bytes: Buffer; error: unknown }> {
  const parts: Uint8Array[] = [];
  const output = ReadableStream.from(pieces).pipeThrough(
    pair as unknown as ReadableWritablePair<T, unknown>,
  );
  try {
    for await (const chunk of output) {
      if (isSecretBuffer(chunk)) {
        chunk.expose((bytes) => parts.push(copyOf(bytes)));
        chunk.destroy();
      } else parts.push(chunk);
    }
    return { bytes: Buffer.concat(parts), error: null };
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  }
}

function* split(bytes: Uint8Array, size: number): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += size) yield copyOf(bytes.subarray(at, at + size));
}

const LENGTHS = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000];

describe("streams", () => {
  it.each(LENGTHS)(
    "%i bytes, in pieces of every size, are what open() and seal() have",
    async (length) => {
      const identity = envelopes.createIdentity();
      const message = randomBytes(length);
      const before = secrets.stats.live;
      const context = text("what it is for");
      for (const size of length > 1000 ? [999, 65_536, 1_000_000] : [1, 7]) {
        const sealing = envelopes.sealStream([identity], { context });
        const { bytes: envelope } = await through(sealing, split(message, size));
        if (length > 0) {
          const whole = await envelopes.open(envelope, [identity], { context });
          expect(whole.equals(copyOf(message))).toBe(true);
          whole.destroy();
        }
        const opening = envelopes.openStream([identity], { context });
        const { bytes, error } = await through(opening, split(envelope, size));
        expect(error).toBe(null);
        expect(bytes.equals(message)).toBe(true);
        const sealed = await envelopes.seal(message, [identity], { context });
        const again = await through(envelopes.openStream([identity], { context }), [sealed]);
        expect(again.bytes.equals(message)).toBe(true);
      }
      expect(secrets.stats.live).toBe(before);
      identity.destroy();
    },
  );

  it("wipes the bytes that come in and destroys the secrets", async () => {
    const identity = envelopes.createIdentity();
    const [bytes, secret] = [text("some bytes"), secrets.random(10)];
    await through(envelopes.sealStream([identity]), [bytes, secret]);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    expect(secret.state).toBe("destroyed");
  });

  it("gives what is authentic, and fails where the rest is not, at every cut", async () => {
    const identity = envelopes.createIdentity();
    const message = randomBytes(140_000);
    const envelope = await envelopes.seal(message, [identity]);
    const { headerBytes } = envelopes.inspect(envelope);
    const before = secrets.stats.live;
    for (const [length, whole] of [
      [10, 0],
      [headerBytes - 1, 0],
      [headerBytes, 0],
      [headerBytes + 15, 0],
      [headerBytes + 16, 0],
      [headerBytes + 30, 0],
      [headerBytes + 16 + 65_551, 0],
      [headerBytes + 16 + 65_552, 65_536], // a whole chunk, which is not the last
      [headerBytes + 16 + 65_553, 65_536],
      [envelope.length - 1, 131_072],
    ] as const) {
      const pair = envelopes.openStream([identity]);
      const { bytes, error } = await through(pair, split(envelope.slice(0, length), 1000));
      expect((error as { code?: string }).code, `${length}`).toMatch(/^ERR_LETHE/);
      expect(bytes.equals(message.subarray(0, whole)), `${length}`).toBe(true);
    }
    const longer = await through(envelopes.openStream([identity]), [envelope, text("a")]);
    expect((longer.error as { code: string }).code).toBe("ERR_LETHE_FORGED");
    expect(secrets.stats.live).toBe(before);
  });

  it("refuses another context, a stranger, text, and a header without an end", async () => {
    const identity = envelopes.createIdentity();
    const stranger = envelopes.createIdentity();
    const before = secrets.stats.live;
    const envelope = await envelopes.seal(text("a"), [identity]);
    const armored = await envelopes.seal(text("a"), [identity], { armor: true });
    const endless = Buffer.concat([
      text("age-encryption.org/v1\n-> a\n"),
      Buffer.alloc(1 << 21, 65),
    ]);
    for (const [pair, bytes, code] of [
      [envelopes.openStream([identity], { context: text("b") }), envelope, "CONTEXT"],
      [envelopes.openStream([stranger]), envelope, "ADDRESS"],
      [envelopes.openStream([identity]), armored, "FORMAT"],
      [envelopes.openStream([identity]), endless, "FORMAT"],
    ] as const) {
      const { error, bytes: opened } = await through(pair, split(bytes, 10_000));
      expect((error as { code: string }).code).toBe(`ERR_LETHE_ENVELOPE_${code}`);
      expect(opened.length).toBe(0);
    }
    expect(secrets.stats.live).toBe(before);
    stranger.destroy();
  });

  it("is not misuse when its secrets are purged between two chunks of one piece", async () => {
    const own = openSecrets({ memory: "heap" });
    const identity = envelopes.createIdentity();
    const to = { recipients: [identity], publicContext: null };
    const context = {
      secrets: own,
      engine: (await openEngines())[0] as CryptoEngine,
      fresh: freshOf(own),
      land: (byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void) =>
        born(own, byteLength, fill),
    };
    const piece = randomBytes(300_000);
    const pieces = [piece];
    const chunks = sealChunks(context, to, async () => pieces.pop() ?? null);
    await chunks.next(); // the header
    await chunks.next();
    own.purge();
    await expect(chunks.next()).rejects.toThrow(/^Cannot seal stream: its secrets were purged$/);
    expect(own.stats.live).toBe(0);
    expect(piece.every((byte) => byte === 0)).toBe(true);
    // Nor is a copy left of what another library's secret lent, when nobody takes the rest.
    const lender: StandardSecretV1 = {
      "~secret": {
        version: 1,
        vendor: "another",
        byteLength: 200_000,
        expose: (use) => use(new Uint8Array(200_000)),
      },
    };
    const lent = [lender];
    const abandoned = sealChunks(context, to, async () => lent.pop() ?? null);
    await abandoned.next();
    await abandoned.next();
    await abandoned.return();
    expect(own.stats.live).toBe(0);
  });

  it("wipes also the piece that comes when its secrets were purged", async () => {
    for (const before of [0, 65_536, 70_000]) {
      const own = openSecrets({ memory: "heap" });
      const piece = randomBytes(70_000);
      const pair = openEnvelopes(own).sealStream([envelopes.createIdentity()]);
      const input = (pair.writable as WritableStream).getWriter();
      const output = (pair.readable as ReadableStream).getReader();
      await output.read(); // the header
      const reading = Array.fromAsync({
        [Symbol.asyncIterator]: () => ({ next: () => output.read() }),
      });
      if (before > 0) await input.write(randomBytes(before));
      await new Promise((resolve) => setTimeout(resolve, 5));
      own.purge();
      input.write(piece).catch(() => undefined);
      await expect(reading).rejects.toThrow(/^Cannot seal stream: its secrets were purged$/);
      expect(piece.every((byte) => byte === 0)).toBe(true);
      expect(own.stats.live).toBe(0);
    }
  });

  it("ends with an error when its secrets are purged, on either side", async () => {
    const own = openSecrets({ memory: "heap" });
    const both = openEnvelopes(own);
    const identity = envelopes.createIdentity();
    function* purging(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
      for (const piece of pieces) {
        yield piece;
        own.purge();
      }
    }
    const bytes = randomBytes(200_000);
    const sealing = await through(both.sealStream([identity]), purging(split(bytes, 70_000)));
    expect((sealing.error as { code: string }).code).toBe("ERR_LETHE_DESTROYED");
    const envelope = await envelopes.seal(bytes, [identity]);
    const opening = await through(both.openStream([identity]), purging(split(envelope, 70_000)));
    expect((opening.error as { code: string }).code).toBe("ERR_LETHE_DESTROYED");
    expect(own.stats.live).toBe(0);
  });

  it.each(
    CCTV.filter(
      (vector) => !isHybrid(vector) && vector.name.startsWith("stream_") && vector.payload !== "",
    ).map((vector) => [vector.name, vector] as const),
  )("%s of cctv-age gives the plaintext before its fault", async (_name, vector) => {
    const identities = vector.identities.flatMap((line) => envelopes.parseIdentities(text(line)));
    const { bytes, error } = await through(
      envelopes.openStream(identities),
      split(vector.file, 100_000),
    );
    expect(error === null).toBe(vector.expect === "success");
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(vector.payload);
  });

  it.skipIf(!hasAge)(`are those of age, in both directions${WITHOUT_AGE}`, async () => {
    const file = newIdentityFile();
    const [identity] = envelopes.parseIdentities(copyOf(file));
    if (identity === undefined) throw new Error("there is no identity");
    const message = randomBytes(1_000_000);
    const theirs = age(["-r", identity.recipient], message);
    const { bytes } = await through(envelopes.openStream([identity]), split(theirs, 50_000));
    expect(bytes.equals(message)).toBe(true);
  });
});
