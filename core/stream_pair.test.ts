import { expect, it } from "vitest";
import { streamPair } from "./stream_pair.ts";

/** Doubles each number, in two chunks; notes how it ended. */
function doubling(notes: string[]) {
  return async function* (next: () => Promise<number | null>): AsyncGenerator<number> {
    try {
      for (let value = await next(); value !== null; value = await next()) {
        if (value < 0) throw new RangeError("negative");
        notes.push(`took ${value}`);
        yield value;
        yield value * 2;
      }
      notes.push("end");
    } finally {
      notes.push("left");
    }
  };
}

const ends = (pair: { readonly readable: object; readonly writable: object }) => ({
  reader: (pair.readable as ReadableStream<number>).getReader(),
  writer: (pair.writable as WritableStream<number>).getWriter(),
});

it("makes one chunk when it is asked for, and ends with its input", async () => {
  const notes: string[] = [];
  const { reader, writer } = ends(streamPair(doubling(notes)));
  const written = writer.write(4);
  await new Promise((resolve) => setTimeout(resolve));
  expect(notes).toEqual([]);
  expect(await reader.read()).toEqual({ done: false, value: 4 });
  await written;
  expect(await reader.read()).toEqual({ done: false, value: 8 });
  const closed = writer.close();
  expect((await reader.read()).done).toBe(true);
  await closed;
  expect(notes).toEqual(["took 4", "end", "left"]);
});

it("tells the writer and the reader why it failed", async () => {
  const { reader, writer } = ends(streamPair(doubling([])));
  const written = writer.write(-1);
  await expect(reader.read()).rejects.toThrow("negative");
  await written;
  await expect(writer.write(1)).rejects.toThrow("negative");
});

it("ends the transform when nobody reads on, and drops what was being made", async () => {
  const notes: string[] = [];
  const dropped: number[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = async function* (next: () => Promise<number | null>): AsyncGenerator<number> {
    try {
      const value = await next();
      await gate.promise;
      yield value ?? 0;
    } finally {
      notes.push("left");
    }
  };
  const { reader, writer } = ends(streamPair(slow, (chunk: number) => dropped.push(chunk)));
  const reading = reader.read();
  await writer.write(5);
  const cancelled = reader.cancel("enough");
  gate.resolve();
  expect([await reading, await cancelled]).toEqual([{ done: true, value: undefined }, undefined]);
  expect([dropped, notes]).toEqual([[5], ["left"]]);
  await expect(writer.write(6)).rejects.toBe("enough");
});

it("drops nothing when a cancelled transform has ended by itself", async () => {
  const dropped: unknown[] = [];
  const { reader, writer } = ends(streamPair(doubling([]), (chunk) => dropped.push(chunk)));
  const reading = reader.read();
  await new Promise((resolve) => setTimeout(resolve)); // until it waits for its input
  await reader.cancel();
  expect((await reading).done).toBe(true);
  await new Promise((resolve) => setTimeout(resolve));
  expect(dropped).toHaveLength(0);
  await expect(writer.write(1)).rejects.toBe(undefined);
});
