import { Buffer } from "node:buffer";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { ascii, thrown } from "../testing/core/samples.ts";
import type { Encoding } from "./codec.ts";

const secrets = openSecrets();
beforeEach(() => secrets.purge());

/** Sees `text` refused: with one error that quotes nothing, the source kept, and no secret left. */
function refuses(text: string | Uint8Array, encoding: Encoding): void {
  const source = typeof text === "string" ? ascii(text) : text;
  const before = Buffer.from(source).toString("hex");
  const error = thrown(() => secrets.decode(source, encoding));
  expect([error.code, before === Buffer.from(source).toString("hex")]).toEqual([
    "ERR_LETHE_ENCODING",
    true,
  ]);
  expect(error.message).toMatch(
    /^Cannot decode secret: the source is not canonical \w+ \(no white/,
  );
  expect(secrets.stats.live).toBe(0);
}

describe("decode refuses", () => {
  it("hex of odd length", () => {
    for (const text of ["a", "abc", "abcde"]) refuses(text, "hex");
  });

  it("base64 whose length is not a multiple of four, and base64url of one character more", () => {
    for (const text of ["A", "AA", "AAA", "AAAAA", "AAAAAA", "AAAAAAA"]) refuses(text, "base64");
    for (const text of ["A", "AAAAA", "AAAAAAAAA"]) refuses(text, "base64url");
  });

  it("padding that is missing, doubled, early, alone, or not asked for", () => {
    for (const text of ["=", "==", "===", "====", "A===", "AA=A", "A=AA", "=AAA", "AA==AAAA"]) {
      refuses(text, "base64");
    }
    for (const text of ["AAA==", "AA===", "AAAA=", "AAAA==", "AAAA====", "AA=", "Zg"]) {
      refuses(text, "base64");
    }
    for (const text of ["AA==", "AAA=", "AA=", "AAAA=", "AAAA===="]) refuses(text, "base64url");
  });

  it("trailing bits that are not zero, in every combination", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    [...alphabet].forEach((character, value) => {
      const url = character.replace("+", "-").replace("/", "_");
      if (value % 16 !== 0) {
        refuses(`A${character}==`, "base64");
        refuses(`A${url}`, "base64url");
      }
      if (value % 4 !== 0) {
        refuses(`AA${character}=`, "base64");
        refuses(`AA${url}`, "base64url");
      }
    });
  });

  it("white space and line ends, wherever they stand", () => {
    for (const space of [" ", "\n", "\r\n", "\t", "\0"]) {
      for (const text of [`${space}ab`, `a${space}b`, `ab${space}`, `ab${space}cd`]) {
        refuses(text, "hex");
        refuses(text, "base64url");
        refuses(text, "base64");
      }
      refuses(`Zm9v${space}`, "base64");
    }
  });

  it("the other alphabet, and a mix of both", () => {
    for (const text of ["--__", "AA-A", "AA_A", "+-AA", "/_AA"]) refuses(text, "base64");
    for (const text of ["++//", "AA+A", "AA/A", "+-AA", "/_AA"]) refuses(text, "base64url");
  });

  it("every byte outside the alphabet, at every position", () => {
    const alphabets: Readonly<Record<Encoding, RegExp>> = {
      hex: /[0-9a-fA-F]/,
      base64: /[A-Za-z0-9+/]/,
      base64url: /[A-Za-z0-9_-]/,
    };
    for (const encoding of ["hex", "base64", "base64url"] as const) {
      for (let byte = 0; byte < 256; byte++) {
        if (alphabets[encoding].test(String.fromCharCode(byte))) continue;
        for (let at = 0; at < 8; at++) {
          if (encoding === "base64" && byte === 61 && at === 7) continue; // one valid padding
          const text = ascii("AAAAAAAA");
          text[at] = byte;
          refuses(text, encoding);
        }
      }
    }
  });

  it("whatever Buffer would not write back the same", () => {
    const texts = fc.string({ unit: fc.constantFrom(..."AQgw09+/-_= \nzZfF"), minLength: 1 });
    for (const encoding of ["hex", "base64", "base64url"] as const) {
      fc.assert(
        fc.property(texts, (text) => {
          const plain = Buffer.from(text, encoding);
          const given = encoding === "hex" ? text.toLowerCase() : text;
          if (plain.toString(encoding) !== given) return refuses(text, encoding);
          const secret = secrets.decode(ascii(text), encoding);
          expect(secret.equals(plain)).toBe(true);
          secret.destroy();
        }),
        { numRuns: 1000 },
      );
    }
  });
});
