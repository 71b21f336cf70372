import { type Accepted, equivalent } from "./explanation.ts";

export const FEATURES: readonly Accepted[] = [
  ...equivalent("features/custodian/protocol/frame_reader.ts", [
    [
      "this.#kept.length * 2 → /",
      "const larger = offHeapBytes(Math.min(MAX_FRAME, Math.max(needed, this.#kept.length * 2)));",
      "there is room for what is needed; more of it only saves copies",
    ],
  ]),
  ...equivalent("features/custodian/protocol/message.ts", [
    [
      "{ if (byte > 127) break; text += String.fromCharCode(byte);  → empty block",
      "for (const byte of bytes.length <= SHORT_TEXT ? bytes : []) {",
      "the decoder below gives the same, and takes longer",
    ],
  ]),
  ...equivalent("features/custodian/protocol/outbox.ts", [
    ["16_384 → add one", "const PIECE_BYTES = 16_384;", "any room does"],
  ]),
  ...equivalent("features/custodian/protocol/session.ts", [
    ["1024 → add one", "#meta = offHeapBytes(1024);", "any room does"],
    [
      '"received" → empty text',
      'const number = this.#next("received");',
      "whatever is not sent is received",
    ],
  ]),
  ...equivalent("features/prompt/key_codes.ts", [
    [
      "0 → add one",
      "const key = editingKey(point, 0, modifiers);",
      "no key has the place of a control character",
    ],
  ]),
  ...equivalent("features/prompt/utf8.ts", [
    [
      "0 → add one",
      "if (sequenceLength(lead) === length && codePointAt(bytes, end - length, end) >= 0) {",
      "for NUL the last byte is returned below as well",
    ],
  ]),
];
