import { type Accepted, equivalent } from "./explanation.ts";

export const CRYPTO: readonly Accepted[] = [
  ...equivalent("engines/sodium/sodium_hmac.ts", [
    [
      "index < blockBytes → <=",
      "for (let index = 0; index < blockBytes; index++) pad[index] = (pad[index] as number) ^ byte;",
      "the pad has no place behind its last byte",
    ],
  ]),
  ...equivalent("features/crypto/adopting_crypto.ts", [
    [
      "salt === undefined → false",
      "this.#inner.hkdf(secret, salt === undefined ? own : { ...own, salt }),",
      "a salt that is undefined is none",
    ],
  ]),
  ...equivalent("features/crypto/aead.ts", [
    ["false → true", "let authentic = false;", "it is set before it is read, or the call throws"],
  ]),
  ...equivalent("features/crypto/argon2id.ts", [
    [
      "2 ** 32 - 1 → +",
      "const MOST_COST: Argon2Cost = Object.freeze({ passes: 2 ** 32 - 1, memoryBytes: 2 ** 31 - 1024 });",
      "of the passes: so much work is done by no machine, and more passes are refused before",
    ],
    [
      "2 → add one",
      "const MOST_COST: Argon2Cost = Object.freeze({ passes: 2 ** 32 - 1, memoryBytes: 2 ** 31 - 1024 });",
      "of the passes: so much work is done by no machine, and more passes are refused before",
    ],
    [
      "32 → add one",
      "const MOST_COST: Argon2Cost = Object.freeze({ passes: 2 ** 32 - 1, memoryBytes: 2 ** 31 - 1024 });",
      "of the passes: so much work is done by no machine, and more passes are refused before",
    ],
    [
      "1 → add one",
      "const MOST_COST: Argon2Cost = Object.freeze({ passes: 2 ** 32 - 1, memoryBytes: 2 ** 31 - 1024 });",
      "of the passes: so much work is done by no machine, and more passes are refused before",
    ],
  ]),
  ...equivalent("features/crypto/engine_crypto.ts", [
    [
      '"keyPair" → empty text',
      'const given = readRecord(keyPair, "open box", "keyPair", ["publicKey", "secretKey"]);',
      "what is not a pair is refused before, where secrets of others are taken in",
    ],
  ]),
  ...equivalent("features/crypto/hkdf.ts", [
    [
      "index * size < byteLength → <=",
      "for (let index = 0; index * size < byteLength; index++) {",
      "of one more block nothing is taken",
    ],
  ]),
  ...equivalent("features/crypto/lend.ts", [
    [
      "isSecretBuffer(message) → true",
      "return isSecretBuffer(message) ? message.byteLength : lengthOf(message);",
      "plain bytes are a view made here, whose byteLength is its length",
    ],
  ]),
  ...equivalent("features/crypto/nonce.ts", [
    [
      "message.length <= MOST_HASHED → <",
      "if (!asksSystem || message.length <= MOST_HASHED) return message;",
      "of so many bytes the part is all",
    ],
    [
      "0 → add one",
      "const digest = new Uint8Array(DIGEST.buffer, 0, digestBytes);",
      "there is room for it one place further",
    ],
    [
      "at < nonce.length → <=",
      "for (let at = 0; at < nonce.length; at++) {",
      "a nonce has no place behind its last byte",
    ],
    [
      "64 → add one",
      "const DIGEST: Uint8Array<ArrayBuffer> = /* @__PURE__ */ offHeapBytes(64);",
      "any room from 56 bytes on does",
    ],
  ]),
  ...equivalent("features/crypto/password_hash.ts", [
    [
      "0 → add one",
      'if (lanes === "" || more.length > 0) throw malformed();',
      "with a part more it is not the one text for its parts, which is refused below in the same words",
    ],
    ["256 → add one", "const LONGEST = 256;", "any bound above 130 does"],
    [
      "bytes.length > LONGEST → false",
      "for (const byte of bytes.length > LONGEST ? [] : bytes) text += String.fromCharCode(byte);",
      "a long text is refused in the same words, and takes longer",
    ],
    [
      "bytes.length > LONGEST → >=",
      "for (const byte of bytes.length > LONGEST ? [] : bytes) text += String.fromCharCode(byte);",
      "no hash has so many bytes",
    ],
    [
      "text.length > 0 && text.length <= LONGEST → true",
      "if (text.length > 0 && text.length <= LONGEST) return text;",
      "what is empty or long is refused below in the same words",
    ],
    [
      "text.length > 0 && text.length <= LONGEST → ||",
      "if (text.length > 0 && text.length <= LONGEST) return text;",
      "what is empty or long is refused below in the same words",
    ],
    [
      "text.length > 0 → >=",
      "if (text.length > 0 && text.length <= LONGEST) return text;",
      "what is empty or long is refused below in the same words",
    ],
    [
      "0 → add one",
      "if (text.length > 0 && text.length <= LONGEST) return text;",
      "what is empty or long is refused below in the same words",
    ],
    [
      "text.length <= LONGEST → <",
      "if (text.length > 0 && text.length <= LONGEST) return text;",
      "what is empty or long is refused below in the same words",
    ],
  ]),
];
