import fs from "node:fs";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

/** 32 random bytes of a memory that was loaded while these functions of node:fs were in place. */
async function randomBytes(patched: Partial<typeof fs> = {}) {
  const calls = vi.spyOn(fs, "openSync");
  const closed = vi.spyOn(fs, "closeSync");
  for (const [name, replacement] of Object.entries(patched)) {
    vi.spyOn(fs, name as "readSync").mockImplementation(replacement as typeof fs.readSync);
  }
  vi.resetModules();
  const { SERVER_HEAP_PROVIDER } = await import("./server_heap.ts");
  calls.mockClear();
  closed.mockClear();
  const bytes = new Uint8Array(32);
  const memory = SERVER_HEAP_PROVIDER.open() as { randomize?(bytes: Uint8Array): void };
  memory.randomize?.(bytes);
  const descriptors = calls.mock.results.map(({ value }) => value);
  expect(closed.mock.calls.flat()).toEqual(descriptors.filter(Number.isInteger));
  expect(calls.mock.calls).toEqual([["/dev/urandom", "r"]]);
  expect(SERVER_HEAP_PROVIDER.name).toBe("heap");
  return { bytes, values: new Set(bytes).size };
}

const { readSync } = fs;
type Read = (descriptor: number, bytes: Uint8Array, at: number, length: number) => number;

it("fills bytes from the system's device, and closes it", async () => {
  expect((await randomBytes()).values).toBeGreaterThan(8);
});

it("goes on where the device gives less than it was asked for", async () => {
  const asked: [number, number][] = [];
  const short: Read = (_, bytes, at, length) => {
    asked.push([at, length]);
    const count = Math.min(length, 20);
    bytes.fill(at + 1, at, at + count);
    return count;
  };
  const { bytes } = await randomBytes({ readSync: short as typeof readSync });
  expect(asked).toEqual([
    [0, 32],
    [20, 12],
  ]);
  expect([...bytes]).toEqual([...Array(20).fill(1), ...Array(12).fill(21)]);
});

it("takes the runtime's generator where the device ends, fails, is a file or is not there", async () => {
  const ends: Read = (_, bytes, at) => {
    bytes.fill(7, at);
    return 0;
  };
  const fails = (): never => {
    throw new Error("EIO");
  };
  const isFile = () => ({ isCharacterDevice: () => false });
  const filled: Read = (_, bytes, at, length) => {
    bytes.fill(7, at, at + length);
    return length;
  };
  for (const patched of [
    { readSync: ends },
    { readSync: fails },
    { openSync: fails },
    { fstatSync: isFile, readSync: filled },
  ]) {
    const { bytes, values } = await randomBytes(patched as never);
    expect(values).toBeGreaterThan(8);
    expect(bytes.filter((byte) => byte === 7).length).toBeLessThan(8);
    vi.restoreAllMocks();
  }
});

it("refuses the device where Object.prototype would lead it to another path", async () => {
  const root = Object.prototype as { href?: unknown };
  const opened = vi.spyOn(fs, "openSync");
  vi.resetModules();
  const { SERVER_HEAP_PROVIDER } = await import("./server_heap.ts");
  opened.mockClear();
  const bytes = new Uint8Array(32);
  try {
    root.href = "file:///elsewhere";
    (SERVER_HEAP_PROVIDER.open() as { randomize?(bytes: Uint8Array): void }).randomize?.(bytes);
  } finally {
    delete root.href;
  }
  expect([opened.mock.calls.length, new Set(bytes).size > 8]).toEqual([0, true]);
});
