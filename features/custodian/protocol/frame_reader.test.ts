import { describe, expect, it } from "vitest";
import { joined } from "../../../testing/features/custodian/joined.ts";
import { FrameReader, partOf, readU32, saltOf, writePrefix } from "./frame_reader.ts";
import { MAX_FRAME, MAX_META, MAX_SECRET, PREFIX_BYTES } from "./limits.ts";

const TAG = 16;

/** A frame whose bytes behind the lengths are counted up from `first`. */
function frame(metaLength: number, secretLength: number, first: number = 0): Uint8Array {
  const secret = secretLength === 0 ? 0 : secretLength + TAG;
  const bytes = new Uint8Array(PREFIX_BYTES + metaLength + TAG + secret);
  for (let at = 0; at < bytes.length; at++) bytes[at] = first + at * 3;
  writePrefix(bytes, metaLength, secretLength);
  return bytes;
}

interface Read {
  readonly prefix: number[];
  readonly meta: number[];
  readonly secret: number[] | null;
}

function parts(bytes: Uint8Array, metaLength: number): Read {
  const split = PREFIX_BYTES + metaLength + TAG;
  return {
    prefix: [...bytes.subarray(0, PREFIX_BYTES)],
    meta: [...bytes.subarray(PREFIX_BYTES, split)],
    secret: split === bytes.length ? null : [...bytes.subarray(split)],
  };
}

function read(reader: FrameReader, chunk: Uint8Array, into: Read[] = []): Read[] {
  reader.push(chunk, ({ prefix, meta, secret }) =>
    into.push({ prefix: [...prefix], meta: [...meta], secret: secret && [...secret] }),
  );
  return into;
}

describe("a reader of frames", () => {
  const frames = [frame(1, 0), frame(5, 1, 7), frame(40, 32, 9), frame(3, 0, 11)];
  const expected = [parts(frames[0] as never, 1), parts(frames[1] as never, 5)];
  expected.push(parts(frames[2] as never, 40), parts(frames[3] as never, 3));
  const stream = joined(frames);

  it("cuts them out of any pieces, also inside a larger buffer", () => {
    for (let size = 1; size <= stream.length; size++) {
      const reader = new FrameReader();
      const got: Read[] = [];
      for (let at = 0; at < stream.length; at += size) {
        const piece = stream.subarray(at, at + size);
        const larger = joined([new Uint8Array(3), piece, new Uint8Array(3)]);
        read(reader, larger.subarray(3, 3 + piece.length), got);
      }
      expect(got).toEqual(expected);
      expect(reader.pending).toBe(0);
    }
  });

  it("keeps what is not whole, and lends what is where it lies", () => {
    const reader = new FrameReader();
    const whole = frame(10, 4);
    const buffers: ArrayBufferLike[] = [];
    reader.push(whole, ({ prefix, meta, secret }) =>
      buffers.push(prefix.buffer, meta.buffer, (secret as Uint8Array).buffer),
    );
    expect(buffers.every((buffer) => buffer === whole.buffer)).toBe(true);
    expect(read(reader, whole.subarray(0, PREFIX_BYTES - 1))).toEqual([]);
    expect(reader.pending).toBe(PREFIX_BYTES - 1);
    expect(read(reader, whole.subarray(PREFIX_BYTES - 1, PREFIX_BYTES + 5))).toEqual([]);
    expect(reader.pending).toBe(PREFIX_BYTES + 5);
    expect(read(reader, whole.subarray(PREFIX_BYTES + 5))).toEqual([parts(whole, 10)]);
    expect(reader.pending).toBe(0);
  });

  it("makes room for a frame of any length, in two pieces and in many", () => {
    for (const [meta, secret] of [
      [4056, 0],
      [4057, 0],
      [20_000, 0],
      [MAX_META, MAX_SECRET],
    ] as const) {
      const whole = frame(meta, secret);
      for (const size of [whole.length - 1, 5000]) {
        const reader = new FrameReader();
        const got: Uint8Array[] = [];
        for (let at = 0; at < whole.length; at += size) {
          reader.push(whole.subarray(at, at + size), (one) =>
            got.push(joined([one.prefix, one.meta, one.secret ?? new Uint8Array(0)])),
          );
        }
        expect(got.map((bytes) => Buffer.compare(bytes, whole))).toEqual([0]);
      }
    }
    expect(frame(MAX_META, MAX_SECRET).length).toBe(MAX_FRAME);
  });

  it.each([
    [0, 0, false],
    [1, 0, true],
    [MAX_META, MAX_SECRET, true],
    [MAX_META + 1, 0, false],
    [1, MAX_SECRET + 1, false],
    [2 ** 31, 0, false],
    [1, 2 ** 31, false],
  ])("takes a prefix of lengths %i and %i: %s", (meta, secret, isTaken) => {
    const prefix = new Uint8Array(PREFIX_BYTES);
    writePrefix(prefix, meta, secret);
    const push = () => read(new FrameReader(), prefix);
    if (isTaken) expect(push()).toEqual([]);
    else expect(push).toThrow(expect.objectContaining({ code: "ERR_LETHE_CHANNEL" }));
  });
});

it("lengths are big-endian, and the salt is what follows them", () => {
  const prefix = new Uint8Array(PREFIX_BYTES + 2).fill(9);
  writePrefix(prefix, 0x01020304, 0xa0b0c0d0);
  expect([...prefix.subarray(0, 9)]).toEqual([1, 2, 3, 4, 0xa0, 0xb0, 0xc0, 0xd0, 9]);
  expect([readU32(prefix, 0), readU32(prefix, 4), readU32(prefix, 1)]).toEqual([
    0x01020304, 0xa0b0c0d0, 0x020304a0,
  ]);
  saltOf(prefix).fill(5);
  expect([...prefix.subarray(7)]).toEqual([0xd0, ...Array(16).fill(5), 9, 9]);
  const inner = partOf(prefix.subarray(2), 1, 3);
  expect([inner.byteOffset, inner.length]).toEqual([3, 2]);
});
