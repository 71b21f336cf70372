import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { ascii, read, SIZES, sample, thrown } from "../testing/core/samples.ts";
import { codecFor, type Encoding, malformed } from "./codec.ts";

const ENCODINGS = ["hex", "base64", "base64url"] as const;

function encode(bytes: Uint8Array, encoding: Encoding): string {
  const codec = codecFor(encoding, "encode");
  const text = new Uint8Array(codec.encodedLength(bytes.length));
  codec.encode(bytes, text);
  return Buffer.from(text).toString("latin1");
}

function decode(text: string, encoding: Encoding): Uint8Array | null {
  const codec = codecFor(encoding, "decode");
  const length = codec.decodedLength(ascii(text));
  if (length < 0) return null;
  const bytes = new Uint8Array(length);
  return codec.decode(ascii(text), bytes) ? bytes : null;
}

// RFC 4648, section 10.
const VECTORS: readonly (readonly [string, string, string])[] = [
  ["", "", ""],
  ["f", "Zg==", "66"],
  ["fo", "Zm8=", "666F"],
  ["foo", "Zm9v", "666F6F"],
  ["foob", "Zm9vYg==", "666F6F62"],
  ["fooba", "Zm9vYmE=", "666F6F6261"],
  ["foobar", "Zm9vYmFy", "666F6F626172"],
];

describe("codecs", () => {
  it("give the vectors of RFC 4648 section 10, in both directions", () => {
    for (const [plain, base64, hex] of VECTORS) {
      const unpadded = base64.replaceAll("=", "");
      expect(encode(ascii(plain), "base64")).toBe(base64);
      expect(encode(ascii(plain), "base64url")).toBe(unpadded);
      expect(encode(ascii(plain), "hex")).toBe(hex.toLowerCase());
      expect(decode(base64, "base64")).toEqual(ascii(plain));
      expect(decode(unpadded, "base64url")).toEqual(ascii(plain));
      expect(decode(hex, "hex")).toEqual(ascii(plain));
      expect(decode(hex.toLowerCase(), "hex")).toEqual(ascii(plain));
    }
  });

  for (const encoding of ENCODINGS) {
    it(`${encoding} agrees with Buffer on random bytes of every length from 0 to 200`, () => {
      for (let length = 0; length <= 200; length++) {
        const bytes = fc.uint8Array({ minLength: length, maxLength: length });
        fc.assert(
          fc.property(bytes, (plain) => {
            const text = Buffer.from(plain).toString(encoding);
            expect(encode(plain, encoding)).toBe(text);
            expect(Buffer.compare(decode(text, encoding) ?? ascii("-"), plain)).toBe(0);
          }),
          { numRuns: 10 },
        );
      }
    });

    it(`${encoding} writes and reads each byte at each position of a group`, () => {
      for (let value = 0; value < 256; value++) {
        for (const plain of [[value], [0, value], [0, 0, value], [value, 255, value]]) {
          const text = Buffer.from(plain).toString(encoding);
          expect(encode(Uint8Array.from(plain), encoding)).toBe(text);
          expect([...(decode(text, encoding) ?? [])]).toEqual(plain);
        }
      }
    });
  }

  it("say -1 of a length that no text has, and how malformed text should look", () => {
    const lengths = (encoding: Encoding): readonly number[] =>
      [1, 2, 3, 4, 5].map((length) =>
        codecFor(encoding, "decode").decodedLength(ascii("A".repeat(length))),
      );
    expect(lengths("hex")).toEqual([-1, 1, -1, 2, -1]);
    expect(lengths("base64")).toEqual([-1, -1, -1, 3, -1]);
    expect(lengths("base64url")).toEqual([-1, 1, 2, 3, -1]);
    expect(ENCODINGS.map((encoding) => malformed(encoding).message)).toEqual([
      "Cannot decode secret: the source is not canonical hex (no white space, no padding)",
      "Cannot decode secret: the source is not canonical base64 (no white space, with padding)",
      "Cannot decode secret: the source is not canonical base64url (no white space, no padding)",
    ]);
  });

  it("an encoding that does not exist is a TypeError, also one from Object.prototype", () => {
    for (const encoding of ["utf8", "HEX", "", "toString", "__proto__", null, 16, ["hex"]]) {
      expect(thrown(() => codecFor(encoding, "decode"))).toBeInstanceOf(TypeError);
    }
  });
});

describe("encoding secrets", () => {
  it("is from secret to secret, at every size", () => {
    const secrets = openSecrets();
    for (const size of SIZES) {
      const secret = secrets.move(sample(size));
      for (const encoding of ENCODINGS) {
        const text = secrets.encode(secret, encoding);
        const copy = text.expose((bytes) => Uint8Array.from(bytes));
        expect(
          Buffer.from(copy).toString("latin1") === Buffer.from(sample(size)).toString(encoding),
        ).toBe(true);
        const back = secrets.decode(copy, encoding);
        expect(back.equals(secret)).toBe(true);
        expect(copy.every((byte) => byte === 0)).toBe(true);
        for (const made of [text, back]) made.destroy();
      }
      secret.destroy();
    }
    expect(secrets.stats.live).toBe(0);
  });

  it("refuses what is not a secret", () => {
    const secrets = openSecrets();
    for (const wrong of ["secret", sample(4), null, {}, new Proxy(secrets.random(4), {})]) {
      expect(thrown(() => secrets.encode(wrong as never, "hex"))).toBeInstanceOf(TypeError);
    }
    expect(read(secrets.encode(secrets.move(ascii("f")), "hex"))).toEqual(ascii("66"));
    secrets.purge();
  });
});
