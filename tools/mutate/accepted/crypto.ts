import { type Accepted, equivalent, noticedElsewhere } from "./explanation.ts";

const UNREAD =
  "an address for what nobody reads: the memory of the module is renewed after the call";
const ONE_MORE = "a byte more of working memory";

export const CRYPTO: readonly Accepted[] = [
  ...equivalent("engines/libsodium/libsodium_calls.ts", [
    ["64 → add one", "64,", ONE_MORE],
    ["0 → add one", "0,", ONE_MORE, 4],
    [
      "0 → add one",
      "module._crypto_sign_detached(s, 0, m, ...halves(message.length), sk),",
      UNREAD,
    ],
    [
      "0 → add one",
      "encrypt(c, 0, m, ...halves(length), ad, ...halves(additional.length), 0, n, k);",
      UNREAD,
      2,
    ],
    [
      "0 → add one",
      "(c, ad, n, k, m) => decrypt(m, 0, 0, c, ...halves(sealed.length), ad, ...bound, n, k),",
      UNREAD,
      2,
    ],
    ["0 → add one", "encrypt(c, 0, m, ...halves(length), ad, ...bound, 0, n, k);", UNREAD, 2],
    [
      "0 → add one",
      "decrypt(m, 0, 0, c, ...halves(length + sealed.length - message.length), ad, ...bound, n, k);",
      UNREAD,
      2,
    ],
  ]),
  ...equivalent("engines/libsodium/libsodium_heap.ts", [
    ["0 → add one", "scratch: number = 0,", ONE_MORE],
    ["0 → add one", "workspace: number = 0,", "more of the memory is renewed, which takes longer"],
    ["0 → add one", "if (overwrite !== null && end > 0) {", "no call ends at so low an address"],
  ]),
  ...noticedElsewhere("engines/libsodium/libsodium_heap.ts", [
    [
      "end + NOTES_BYTES → -",
      "const written = workspace > 0 ? Number.POSITIVE_INFINITY : end + NOTES_BYTES;",
      "libsodium_engine.test.ts compares the whole memory, and runs too long for mutants",
    ],
    [
      "end > 0 → >=",
      "if (overwrite !== null && end > 0) {",
      "libsodium_overwrite.test.ts fails with it, tried by hand",
    ],
  ]),
  ...equivalent("engines/noble/noble_engine.ts", [
    ["64 → add one", "const scratch = offHeapBytes(64);", ONE_MORE],
    [
      "32 → add one",
      "const shared = part(scratch, 32);",
      "of a length a whole number of words is taken",
    ],
    [
      "4 → add one",
      "hsalsa(SIGMA, words(shared), new Uint32Array(4), words(key));",
      "four words of the nonce are read",
    ],
    ["64 → add one", "const place = offHeapBytes(64);", ONE_MORE],
  ]),
  ...equivalent("engines/noble/noble_verify.ts", [
    [
      "scalar >= Point.Fn.ORDER → false",
      "if (scalar >= Point.Fn.ORDER) return false;",
      "noble refuses to multiply by it, and the catch gives the same",
    ],
    [
      "scalar >= Point.Fn.ORDER → >",
      "if (scalar >= Point.Fn.ORDER) return false;",
      "noble refuses to multiply by it, and the catch gives the same",
    ],
    [
      "false → true",
      "const key = Point.fromBytes(publicKey, false);",
      "the few other encodings are of points of low order, or of keys whose private half nobody knows",
    ],
  ]),
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
