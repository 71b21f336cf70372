import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { sample } from "../../testing/core/samples.ts";
import { openSealing, type Sealing } from "../../testing/features/enclave/sealing.ts";
import { SOAK } from "../../testing/tier.ts";
import { openEnclaves } from "./open_enclaves.ts";
import { HEADER_BYTES, sealedBytes } from "./stream_format.ts";
import type { SealStreamOptions, UnsealStreamOptions } from "./streams.ts";

const opened: { purge(): void }[] = [];
afterEach(() => {
  for (const secrets of opened.splice(0)) secrets.purge();
});

type Piece = Uint8Array | SecretBuffer;
interface Streams extends Sealing {
  readonly key: SecretBuffer;
  seal(pieces: readonly Piece[], options?: SealStreamOptions): Promise<Uint8Array[]>;
  open(pieces: readonly Uint8Array[], options?: UnsealStreamOptions): Promise<Uint8Array>;
}

function streams(options = {}): Streams {
  const all = openSealing(openSodiumEngine(), options);
  opened.push(all.secrets);
  const { secrets, sealer } = all;
  const key = secrets.random(32);
  return {
    ...all,
    key,
    seal: (pieces, options = { key, chunkBytes: 64 }) =>
      Array.fromAsync(ReadableStream.from(pieces).pipeThrough(sealer.sealStream(options))),
    async open(pieces, options = { key }) {
      const parts: Uint8Array[] = [];
      for await (const secret of ReadableStream.from(pieces).pipeThrough(
        sealer.unsealStream(options),
      ) as AsyncIterable<SecretBuffer>) {
        parts.push(secret.expose((bytes) => bytes.slice()));
        secret.destroy();
      }
      return Buffer.concat(parts);
    },
  };
}

function ends(pair: {
  readonly readable: object;
  readonly writable: object;
}): readonly [ReadableStreamDefaultReader<unknown>, WritableStreamDefaultWriter<unknown>] {
  return [
    (pair.readable as ReadableStream).getReader(),
    (pair.writable as WritableStream).getWriter(),
  ];
}

/** What is sealed, as its header and its chunks. */
function split(sealed: readonly Uint8Array[], chunkBytes: number): Uint8Array[] {
  const all = Buffer.concat(sealed);
  const parts: Uint8Array[] = [all.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < all.length; at += sealedBytes(chunkBytes)) {
    parts.push(all.subarray(at, at + sealedBytes(chunkBytes)));
  }
  return parts;
}

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

describe("what is not the stream that was sealed fails", () => {
  const DAMAGE: Readonly<Record<string, (parts: Uint8Array[]) => readonly Uint8Array[]>> = {
    "the last chunk is missing": (parts) => parts.slice(0, -1),
    "only the header is left": (parts) => parts.slice(0, 1),
    "the header is cut": ([header]) => [(header as Uint8Array).subarray(0, 20)],
    nothing: () => [],
    "cut within a chunk": (parts) => [Buffer.concat(parts).subarray(0, -1)],
    "cut within a tag": (parts) => [
      Buffer.concat(parts).subarray(0, HEADER_BYTES + 2 * sealedBytes(64) + 7),
    ],
    "two chunks are swapped": ([header, one, two, ...rest]) => [header, two, one, ...rest] as never,
    "a chunk is repeated": ([header, one, ...rest]) => [header, one, one, ...rest] as never,
    "a chunk is left out": ([header, , ...rest]) => [header, ...rest] as never,
    "something follows": (parts) => [...parts, sample(1)],
    "an empty chunk follows": (parts) => [...parts, sample(40)],
    "a nonce is another": ([header, one, ...rest]) =>
      [header, altered(one, 0, 0), ...rest] as never,
    "the stream follows itself": (parts) => [...parts, ...parts],
    "the chunk size is another": ([header, ...rest]) => [altered(header, 8, 32), ...rest],
    "the version is another": ([header, ...rest]) => [altered(header, 4, 1), ...rest],
    "the name is another": ([header, ...rest]) => [altered(header, 20, 0), ...rest],
    "the kind is another": ([header, ...rest]) => [altered(header, 5, 1), ...rest],
    "the chunk size has no bound": ([header, ...rest]) => [altered(header, 11, 255), ...rest],
  };

  it.each(Object.keys(DAMAGE))("%s", async (name) => {
    for (const length of [150, 192]) {
      const { seal, open, secrets } = streams({ onMisuse: "crash" });
      const parts = split(await seal([sample(length)]), 64);
      const damaged = DAMAGE[name]?.(parts) ?? [];
      await expect(open(damaged)).rejects.toMatchObject({ code: "ERR_LETHE_FORGED" });
      expect(secrets.stats.live).toBe(1); // what comes from outside ends no process
    }
  });

  it("a bit is flipped, anywhere", async () => {
    const { seal, open } = streams();
    const sealed = Buffer.concat(await seal([sample(80)]));
    for (let at = 0; at < sealed.length; at++) {
      const flipped = Buffer.from(sealed);
      flipped[at] = (flipped[at] as number) ^ (1 << (at & 7));
      await expect(open([flipped])).rejects.toMatchObject({ code: "ERR_LETHE_FORGED" });
    }
  });

  it("the key is another", async () => {
    const { seal, open, secrets } = streams();
    const sealed = await seal([sample(80)]);
    await expect(open(sealed, { key: secrets.random(32) })).rejects.toMatchObject({
      code: "ERR_LETHE_FORGED",
    });
  });

  it("a chunk loses its bytes while others wait to be taken", async () => {
    const { secrets, key, seal } = streams();
    for (const large of [false, true]) {
      const plain = sample(large ? 4000 : 300);
      const [sealed, into] = ends(openEnclaves(secrets).sealStream({ key, chunkBytes: 64 }));
      into.write(plain).catch(() => undefined);
      for (let count = 0; count < 2; count++) await sealed.read();
      plain.buffer.transfer();
      await expect(sealed.read()).rejects.toThrow(/must hold its bytes until it was taken/);
    }
    const whole = Buffer.concat(await seal([sample(300)]));
    const piece = new Uint8Array(new ArrayBuffer(whole.length, { maxByteLength: whole.length }));
    piece.set(whole);
    const [opened, from] = ends(openEnclaves(secrets).unsealStream({ key }));
    from.write(piece).catch(() => undefined);
    await opened.read();
    piece.buffer.resize(8);
    await expect(opened.read()).rejects.toThrow(/must hold its bytes until it was taken/);
  });

  it("options are misspelt or inherited", () => {
    const { secrets, key } = streams();
    expect(() => openEnclaves(secrets).sealStream({ kei: key } as never)).toThrow(/no option kei/);
    expect(() => openEnclaves(secrets).unsealStream({ key, chunkBytes: 1 } as never)).toThrow(
      /no option chunkB/,
    );
    expect(() => openEnclaves(secrets).unsealStream(Object.create({ key }))).toThrow(
      /must be a plain object/,
    );
  });

  it("arguments are wrong", async () => {
    const { secrets, seal, open, key } = streams();
    expect(() => openEnclaves(secrets).sealStream({ key: sample(32) as never })).toThrow(TypeError);
    expect(() => openEnclaves(secrets).unsealStream({ key: secrets.random(31) })).toThrow(
      RangeError,
    );
    for (const chunkBytes of [0, 1.5, 2 ** 20 + 1]) {
      expect(() => openEnclaves(secrets).sealStream({ key, chunkBytes })).toThrow(RangeError);
    }
    await expect(seal(["text" as never])).rejects.toThrow(TypeError);
    await expect(open(["text" as never])).rejects.toThrow(TypeError);
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

function altered(bytes: Uint8Array | undefined, at: number, value: number): Uint8Array {
  const copy = (bytes as Uint8Array).slice();
  copy[at] = copy[at] === value ? value + 1 : value;
  return copy;
}
