import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { read, sample, thrown } from "../testing/core/samples.ts";
import { simpleLender } from "../testing/core/standard/lenders.ts";
import { copyPiece, lengthOfPiece, ownPiece, Pieces } from "./stream_pieces.ts";

const memory = new FakeMemory();
const secrets = openSecrets({ memory });
afterEach(() => {
  secrets.purge();
  expect(memory.violations).toEqual([]);
});

/** A source of these pieces, and how often it was asked. */
function source(...pieces: unknown[]): { readonly asked: () => number; readonly pieces: Pieces } {
  let asked = 0;
  const pull = async (): Promise<Uint8Array | null> => {
    asked += 1;
    return (pieces.shift() ?? null) as Uint8Array | null;
  };
  return { asked: () => asked, pieces: new Pieces(pull) };
}

describe("sealed bytes as they come", () => {
  it("are given out in the lengths that are asked for, and fewer at the end only", async () => {
    const { pieces, asked } = source(
      Uint8Array.of(1, 2, 3),
      new Uint8Array(0),
      Uint8Array.of(4, 5),
    );
    expect(await pieces.take(0)).toEqual(new Uint8Array(0));
    expect(asked()).toBe(0);
    expect(await pieces.take(2)).toEqual(Uint8Array.of(1, 2));
    expect(asked()).toBe(1);
    expect(await pieces.take(2)).toEqual(Uint8Array.of(3, 4));
    expect(await pieces.ended()).toBe(false);
    expect(await pieces.take(9)).toEqual(Uint8Array.of(5));
    expect([await pieces.ended(), await pieces.some()]).toEqual([true, null]);
  });

  it("are given out as what is left of a piece, over the same bytes, and taken back", async () => {
    const whole = Uint8Array.of(9, 1, 2, 3, 9);
    const { pieces } = source(whole.subarray(1, 4), Uint8Array.of(4));
    await pieces.take(1);
    const rest = await pieces.some();
    expect([rest, rest?.byteOffset, rest?.buffer === whole.buffer]).toEqual([
      Uint8Array.of(2, 3),
      2,
      true,
    ]);
    pieces.putBack(rest as Uint8Array<ArrayBuffer>);
    expect(await pieces.take(2)).toEqual(Uint8Array.of(2, 3));
    expect(await pieces.some()).toEqual(Uint8Array.of(4));
    expect(await pieces.some()).toBe(null);
  });

  it("are refused where they are not bytes, or are gone before they were taken", async () => {
    await expect(source("text").pieces.take(1)).rejects.toThrow(
      /^Cannot open stream as each chunk must be a Uint8Array: current value is a string$/,
    );
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    await expect(source(shared).pieces.some()).rejects.toThrow(/open stream as each chunk.*shared/);
    const shrinking = new Uint8Array(new ArrayBuffer(4, { maxByteLength: 4 }));
    const { pieces } = source(shrinking);
    await pieces.take(3);
    shrinking.buffer.transfer();
    await expect(pieces.take(1)).rejects.toThrow(
      /^Cannot open stream as a chunk must hold its bytes until it was taken/,
    );
  });
});

describe("a piece of plaintext", () => {
  it("has the length of its bytes or of its secret", () => {
    expect(lengthOfPiece(sample(5))).toBe(5);
    expect(lengthOfPiece(secrets.random(7))).toBe(7);
    expect(lengthOfPiece(new Uint8Array(0))).toBe(0);
    expect(lengthOfPiece(new Uint8Array(new SharedArrayBuffer(3)))).toBe(3);
    const gone = sample(5);
    gone.buffer.transfer();
    expect(thrown(() => lengthOfPiece(gone)).message).toMatch(/^Cannot seal stream.*detached$/);
    expect(thrown(() => lengthOfPiece("text" as never)).message).toBe(
      "Cannot seal stream as each chunk must be a Uint8Array or a SecretBuffer: current value is a string",
    );
  });

  it("of another library's secret is copied, and every other one taken as it is", () => {
    const make = (byteLength: number, fill: (bytes: Uint8Array<ArrayBuffer>) => void) =>
      secrets.land(byteLength, fill);
    const [bytes, secret] = [sample(5), secrets.random(5)];
    expect(ownPiece(bytes, make)).toBe(bytes);
    expect(Object.is(ownPiece(secret, make), secret)).toBe(true);
    const own = ownPiece(simpleLender(sample(5)), make);
    expect(own).not.toBeInstanceOf(Uint8Array);
    expect(read(own as typeof secret)).toEqual(sample(5));
  });

  it.each([8, 1024, 1025, 4000])("of %i bytes is copied in part or whole", (length) => {
    const content = sample(length);
    const pieces = [content, secrets.move(sample(length))];
    for (const piece of pieces) {
      for (const [start, at, count] of [
        [0, 0, length],
        [0, 1, length - 3],
        [3, 2, length - 3],
        [5, 0, 1],
      ] as const) {
        const room = secrets.allocate(length + 4);
        copyPiece(piece, start, room, at, count);
        const expected = new Uint8Array(length + 4);
        expected.set(content.subarray(start, start + count), at);
        expect(Buffer.compare(read(room), expected)).toBe(0);
      }
    }
  });

  it("that is too short by now is refused, and nothing of it copied", () => {
    const room = secrets.allocate(8);
    const piece = sample(8);
    const error = thrown(() => copyPiece(piece, 0, room, 0, 9));
    expect([error.name, error.message.slice(0, 34)]).toEqual([
      "TypeError",
      "Cannot seal stream as a chunk must",
    ]);
    expect(() => copyPiece(piece, 1, room, 0, 8)).toThrow(/buffer was detached or made smaller$/);
    expect(read(room)).toEqual(new Uint8Array(8));
  });

  it("is not asked for its buffer where that would leave a copy on the heap", () => {
    const piece = sample(1024);
    Object.defineProperty(piece, "buffer", {
      get() {
        throw new Error("asked for its buffer");
      },
    });
    const room = secrets.allocate(1024);
    copyPiece(piece, 1, room, 0, 1000);
    copyPiece(piece, 0, room, 0, 1024);
    expect(Buffer.compare(read(room), sample(1024))).toBe(0);
  });
});
