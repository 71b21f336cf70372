import { describe, expect, it } from "vitest";
import { bech32Bytes, bech32Decode, bech32Encode, bech32Length } from "./bech32.ts";
import { copyOf } from "./bytes.ts";

const CHARACTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** BIP 173, by its reference: the text of any values of 5 bits, also of those that stand for no bytes. */
function textOf(prefix: string, values: readonly number[]): string {
  const codes = [...prefix.toLowerCase()].map((character) => character.charCodeAt(0));
  const all = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...values];
  let sum = 1;
  for (const value of [...all, 0, 0, 0, 0, 0, 0]) {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((generator, at) => {
      if (((top >> at) & 1) === 1) sum ^= generator;
    });
  }
  const check = [25, 20, 15, 10, 5, 0].map((shift) => ((sum ^ 1) >> shift) & 31);
  const data = [...values, ...check].map((value) => CHARACTERS[value]).join("");
  return prefix + (prefix === prefix.toUpperCase() ? `1${data.toUpperCase()}` : `1${data}`);
}

function decode(prefix: string, text: string): string | null {
  const bytes = new Uint8Array(Math.max(0, bech32Bytes(prefix, text.length)));
  return bech32Decode(prefix, copyOf(Buffer.from(text)), bytes) ? bytes.toString() : null;
}

describe("bech32", () => {
  it("reads the vectors of BIP 173, and writes them again", () => {
    for (const [prefix, text] of [
      ["A", "A12UEL5L"],
      ["abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"],
      ["split", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w"],
    ] as const) {
      const bytes = new Uint8Array(bech32Bytes(prefix, text.length));
      expect(bech32Decode(prefix, copyOf(Buffer.from(text)), bytes)).toBe(true);
      const again = new Uint8Array(bech32Length(prefix, bytes.length));
      bech32Encode(prefix, bytes, again);
      expect(Buffer.from(again).toString()).toBe(text);
    }
  });

  it("writes what it reads, at every length and in both cases", () => {
    for (const prefix of ["age", "AGE-SECRET-KEY-"]) {
      for (let length = 0; length < 40; length++) {
        const bytes = Uint8Array.from({ length }, (_, at) => at * 37 + length);
        const text = new Uint8Array(bech32Length(prefix, length));
        bech32Encode(prefix, bytes, text);
        expect(bech32Bytes(prefix, text.length)).toBe(length);
        expect(decode(prefix, Buffer.from(text).toString())).toBe(bytes.toString());
      }
    }
  });

  it("has a length in bytes for no other length of a text", () => {
    expect(
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map((values) => bech32Bytes("age", 3 + 1 + 6 + values)),
    ).toEqual([0, -1, 1, -1, 2, 3, -1, 4, 5]);
    expect(bech32Bytes("age", 9)).toBe(-1);
    expect(bech32Bytes("agelonger", 8)).toBe(-1);
  });

  it("refuses every other character, prefix and case, and bits that fill up", () => {
    for (const prefix of ["age", "AGE-"]) {
      const good = textOf(prefix, [...Array(32).keys()]);
      expect(decode(prefix, good)).not.toBe(null);
      const taken: string[] = [];
      for (let at = 0; at < good.length; at++) {
        for (const other of [...`${CHARACTERS}${CHARACTERS.toUpperCase()}1b-\0`]) {
          if (other === good[at]) continue;
          const bad = good.slice(0, at) + other + good.slice(at + 1);
          if (decode(prefix, bad) !== null) taken.push(bad);
        }
      }
      expect(taken).toEqual([]);
    }
    const lower = textOf("age", [0, 0]);
    expect(decode("age", lower)).toBe("0");
    expect(decode("age", lower.toUpperCase())).toBe(null);
    for (const fill of [1, 2, 3]) expect(decode("age", textOf("age", [0, fill]))).toBe(null);
    // A checksum that is right for bech32m, or for no prefix.
    expect(decode("age", textOf("agf", [0, 0]).replace("agf", "age"))).toBe(null);
  });
});
