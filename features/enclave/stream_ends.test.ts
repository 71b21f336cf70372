import { afterEach, describe, expect, it } from "vitest";
import type { StandardSecretV1 } from "../../core/standard/standard.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { sample } from "../../testing/core/samples.ts";
import { openSealing } from "../../testing/features/enclave/sealing.ts";

const opened: { purge(): void }[] = [];
afterEach(() => {
  for (const secrets of opened.splice(0)) secrets.purge();
});

function scene() {
  const all = openSealing(openSodiumEngine(), {});
  opened.push(all.secrets);
  const pair = all.sealer.sealStream({ chunkBytes: 64 });
  return {
    secrets: all.secrets,
    reader: (pair.readable as ReadableStream<Uint8Array>).getReader(),
    writer: (pair.writable as WritableStream).getWriter(),
  };
}

const isWiped = (piece: Uint8Array): boolean => piece.every((byte) => byte === 0);

describe("a sealed stream that ends before its input", () => {
  it("by a purge between two chunks of one piece is not misuse, and wipes that piece", async () => {
    const { secrets, reader, writer } = scene();
    const piece = sample(400);
    writer.write(piece).catch(() => undefined);
    await reader.read(); // the header
    await reader.read();
    secrets.purge();
    await expect(reader.read()).rejects.toThrow("Cannot seal stream: its secrets were purged");
    expect(isWiped(piece)).toBe(true);
    expect(secrets.stats.live).toBe(0);
  });

  it("by a purge before a piece wipes that piece", async () => {
    const { secrets, reader, writer } = scene();
    await reader.read();
    const next = reader.read();
    await new Promise((resolve) => setTimeout(resolve, 5));
    secrets.purge();
    const piece = sample(400);
    writer.write(piece).catch(() => undefined);
    await expect(next).rejects.toThrow("Cannot seal stream: its secrets were purged");
    expect(isWiped(piece)).toBe(true);
  });

  it("because nobody takes the rest wipes the piece, and leaves no copy of what a library lent", async () => {
    const lender: StandardSecretV1 = {
      "~secret": {
        version: 1,
        vendor: "another",
        byteLength: 400,
        expose: (use) => use(sample(400)),
      },
    };
    for (const piece of [sample(400), lender]) {
      const { secrets, reader, writer } = scene();
      const before = secrets.stats.live;
      writer.write(piece).catch(() => undefined);
      await reader.read();
      await reader.read();
      await reader.cancel();
      if (piece instanceof Uint8Array) expect(isWiped(piece)).toBe(true);
      expect(secrets.stats.live).toBe(before);
    }
  });
});
