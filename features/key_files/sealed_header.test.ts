import { expect, it } from "vitest";
import { blankFile, hasMagic, parseHeader, partsOf, type SealedHeader } from "./sealed_format.ts";

const HEADER: SealedHeader = {
  type: "ed25519",
  keyBytes: 0x0102,
  cost: { passes: 0x03040506, memoryBytes: 0x070809 * 1024 },
};

/** A header with some of its bytes changed. */
function changed(changes: Readonly<Record<number, number>>): Uint8Array<ArrayBuffer> {
  const file = blankFile(HEADER);
  for (const [at, byte] of Object.entries(changes)) file[Number(at)] = byte;
  return file;
}

it("has each field at its place, little-endian, and the rest zero", () => {
  const file = blankFile(HEADER);
  expect(file).toHaveLength(96 + 0x0102 + 16 + 32);
  expect(Buffer.from(file.subarray(0, 24)).toString("latin1")).toBe(
    "LETHEKEY\x01\x01\x01\x02\x06\x05\x04\x03\x09\x08\x07\0\x02\x01\0\0",
  );
  expect(file.subarray(24).every((byte) => byte === 0)).toBe(true);
  expect(parseHeader(file)).toEqual(HEADER);
  for (const type of ["symmetric", "x25519"] as const) {
    expect(parseHeader(blankFile({ ...HEADER, type }))).toEqual({ ...HEADER, type });
  }
});

it("is read where a view of a longer array begins", () => {
  const longer = new Uint8Array(200);
  longer.set(blankFile(HEADER).subarray(0, 96), 7);
  expect(parseHeader(longer.subarray(7, 7 + 96))).toEqual(HEADER);
});

it("is none without its eight bytes of magic, or when it is short", () => {
  const none = { refusal: "it is not a sealed key file", foreign: true };
  for (let at = 0; at < 8; at++) {
    const other = changed({ [at]: 0 });
    expect([parseHeader(other), hasMagic(other)]).toEqual([none, false]);
  }
  for (const length of [0, 7, 8, 95]) {
    expect(parseHeader(blankFile(HEADER).subarray(0, length))).toEqual(none);
  }
  expect(parseHeader(blankFile(HEADER).subarray(0, 96))).toEqual(HEADER);
  expect(hasMagic(blankFile(HEADER).subarray(0, 8))).toBe(true);
  expect(hasMagic(blankFile(HEADER).subarray(0, 7))).toBe(false);
});

it.each([
  [8, [0, 2, 255], "its format has version %, and only 1 is known"],
  [9, [0, 2, 255], "its key derivation is number %, and only 1 is known"],
  [10, [0, 2, 255], "its cipher is number %, and only 1 is known"],
  [11, [0, 4, 255], "its type of key is %, and 1 to 3 are known"],
] as const)("is understood with no other byte at %i than the format has", (at, bytes, refusal) => {
  for (const byte of bytes) {
    expect(parseHeader(changed({ [at]: byte }))).toEqual({
      refusal: refusal.replace("%", String(byte)),
    });
  }
});

it("has parts that cover the file, and none of them another's bytes", () => {
  const file = blankFile(HEADER).map((_, at) => at % 251);
  const parts = partsOf(file);
  const { committed, salt, nonce, commitment, header, sealed, summed, checksum } = parts;
  const join = (...all: readonly Uint8Array[]): Buffer => Buffer.concat(all);
  expect(join(summed, checksum)).toEqual(Buffer.from(file));
  expect(join(header, sealed, checksum)).toEqual(Buffer.from(file));
  expect(join(committed, commitment)).toEqual(Buffer.from(header));
  expect(join(salt, nonce)).toEqual(Buffer.from(committed.subarray(24)));
  expect([salt, nonce, commitment, checksum].map(({ length }) => length)).toEqual([16, 24, 32, 32]);
  expect(sealed).toHaveLength(HEADER.keyBytes + 16);
  for (const part of Object.values(parts)) expect(part.buffer).toBe(file.buffer);
});
