import { afterEach, describe, expect, it } from "vitest";
import { sample } from "../../testing/core/samples.ts";
import { ends, purgeStreams, streams } from "../../testing/features/enclave/stream_stage.ts";
import { openEnclaves } from "./open_enclaves.ts";
import { HEADER_BYTES, sealedBytes } from "./stream_format.ts";

afterEach(purgeStreams);

/** What is sealed, as its header and its chunks. */
function split(sealed: readonly Uint8Array[], chunkBytes: number): Uint8Array[] {
  const all = Buffer.concat(sealed);
  const parts: Uint8Array[] = [all.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < all.length; at += sealedBytes(chunkBytes)) {
    parts.push(all.subarray(at, at + sealedBytes(chunkBytes)));
  }
  return parts;
}

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

function altered(bytes: Uint8Array | undefined, at: number, value: number): Uint8Array {
  const copy = (bytes as Uint8Array).slice();
  copy[at] = copy[at] === value ? value + 1 : value;
  return copy;
}
