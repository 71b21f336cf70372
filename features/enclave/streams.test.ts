import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { sample } from "../../testing/core/samples.ts";
import { ends, purgeStreams, streams } from "../../testing/features/enclave/stream_stage.ts";
import { SOAK } from "../../testing/tier.ts";
import { openEnclaves } from "./open_enclaves.ts";

afterEach(purgeStreams);

describe("a sealed stream", () => {
  it("opens to what went in, however it was cut into pieces on the way", async () => {
    const { seal, open, key, secrets, memory } = streams();
    const cuts = fc.array(fc.nat(200), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(400),
        fc.constantFrom(1, 16, 64, 1000),
        cuts,
        cuts,
        async (length, chunkBytes, before, after) => {
          const message = sample(Math.max(1, length)).subarray(0, length);
          const pieces = cut(message, before).map((piece, at) =>
            at % 2 === 0 && piece.length > 0 ? secrets.move(piece.slice()) : piece.slice(),
          );
          const sealed = Buffer.concat(await seal(pieces, { key, chunkBytes }));
          const back = await open(cut(sealed, after));
          expect(Buffer.compare(back, message)).toBe(0);
        },
      ),
      { numRuns: !SOAK ? 60 : 3000 },
    );
    expect([secrets.stats.live, memory.violations]).toEqual([1, []]);
  });

  it("takes what it is given: bytes are zero and secrets destroyed afterwards", async () => {
    const { seal, secrets } = streams();
    const [bytes, secret] = [sample(100), secrets.move(sample(100))];
    await seal([bytes, secret]);
    expect([bytes.every((byte) => byte === 0), secret.state]).toEqual([true, "destroyed"]);
  });

  it.each([1, 64, 1024])("does not ask a piece of %i bytes for its buffer", async (byteLength) => {
    const { seal, open } = streams();
    const piece = new Uint8Array(byteLength).fill(5);
    // V8 would move a small one off its heap for that, and leave its bytes behind.
    const asked = vi.fn(() => new ArrayBuffer(byteLength));
    Object.defineProperty(piece, "buffer", { get: asked });
    const sealed = await seal([sample(63), piece, sample(10)]);
    expect(asked).not.toHaveBeenCalled();
    expect((await open(sealed)).subarray(63, 63 + byteLength)).toEqual(Buffer.alloc(byteLength, 5));
    expect(piece.every((byte) => byte === 0)).toBe(true);
  });

  it("without a key opens in this process alone, also after a rekey, and not after a purge", async () => {
    const { seal, open, secrets } = streams();
    const sealed = await seal([sample(100)], {});
    expect(Buffer.compare(await open(sealed, {}), sample(100))).toBe(0);
    await openEnclaves(secrets).rekey();
    expect(Buffer.compare(await open(sealed, {}), sample(100))).toBe(0);
    secrets.purge();
    await expect(open(sealed, {})).rejects.toMatchObject({ code: "ERR_LETHE_FORGED" });
  });

  it("makes one secret at a time, when it is asked for", async () => {
    const { seal, key, secrets } = streams();
    const sealed = Buffer.concat(await seal([sample(640)]));
    let most = 0;
    const chunks = ReadableStream.from([sealed]).pipeThrough(
      openEnclaves(secrets).unsealStream({ key }),
    );
    for await (const secret of chunks as AsyncIterable<SecretBuffer>) {
      most = Math.max(most, secrets.stats.live);
      secret.destroy();
    }
    expect(most).toBe(2); // the key and one chunk
  });

  it("that nobody reads to its end leaves nothing behind", async () => {
    const { seal, key, secrets } = streams();
    const sealed = await seal([sample(640)]);
    const reader = ReadableStream.from(sealed)
      .pipeThrough(openEnclaves(secrets).unsealStream({ key }))
      .getReader();
    (await reader.read()).value?.destroy();
    await reader.cancel();
    const sealing = ReadableStream.from([sample(640)])
      .pipeThrough(openEnclaves(secrets).sealStream({ key, chunkBytes: 64 }))
      .getReader();
    await sealing.read();
    await sealing.read();
    await sealing.cancel();
    expect(secrets.stats.live).toBe(1);
  });
});

describe("a stream that is cancelled", () => {
  it("while it waits for input ends, and leaves nothing behind", async () => {
    const { key, secrets } = streams();
    const [reader, writer] = ends(openEnclaves(secrets).sealStream({ key, chunkBytes: 64 }));
    await reader.read(); // the header
    const waiting = reader.read();
    await writer.write(sample(10));
    expect(secrets.stats.live).toBe(2);
    await reader.cancel();
    expect(await waiting).toMatchObject({ done: true });
    expect(secrets.stats.live).toBe(1);
  });

  it("while a chunk comes destroys it, at whatever moment", async () => {
    const { seal, key, secrets } = streams();
    const sealed = Buffer.concat(await seal([sample(64)]));
    let came = 0;
    for (let moment = 0; moment < 60; moment++) {
      const [reader, writer] = ends(openEnclaves(secrets).unsealStream({ key }));
      const waiting = reader.read();
      const written = Promise.allSettled([writer.write(sealed), writer.close()]);
      for (let turn = 0; turn < moment; turn++) await null;
      await reader.cancel();
      const { value } = (await waiting) as { value?: SecretBuffer };
      if (value !== undefined) came += 1;
      value?.destroy();
      await written;
      expect(secrets.stats.live).toBe(1);
    }
    expect(came).toBeGreaterThan(0);
    expect(came).toBeLessThan(60);
  });

  it("by a purge fails, and is not misuse", async () => {
    const { seal, secrets } = streams({ onMisuse: "crash" });
    const bystander = streams().key;
    const sealed = Buffer.concat(await seal([sample(640)], {}));
    const pairs = [
      [ends(openEnclaves(secrets).sealStream()), sample(10)],
      [ends(openEnclaves(secrets).unsealStream()), sealed],
    ] as const;
    await pairs[0][0][0].read(); // the header
    const waiting = pairs.map(([[reader]]) => reader.read());
    secrets.purge();
    for (const [[, writer], piece] of pairs) {
      void Promise.allSettled([writer.write(piece), writer.close()]);
    }
    for (const result of await Promise.allSettled(waiting)) {
      expect(result).toMatchObject({ reason: { code: "ERR_LETHE_DESTROYED" } });
    }
    // A misuse would have ended every secret of the process.
    expect(bystander.state).toBe("guarded");
  });
});

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return [...pieces, bytes.subarray(at)];
}
