import { type Accepted, equivalent } from "./explanation.ts";

export const FEATURES: readonly Accepted[] = [
  ...equivalent("features/agent/protocol/agent_frame_reader.ts", [
    ["0 → add one", "#inBody = 0;", "it is set when a header is whole, and not read before"],
    ["0 → add one", "#length = 0;", "it is set when a header is whole, and not read before"],
    [
      "this.#body = null; → left out",
      "this.#body = null;",
      "in end(): a body that is destroyed twice is destroyed",
    ],
    [
      "ArrayBuffer.isView(body) → false",
      "return { kind, type, body: ArrayBuffer.isView(body) ? null : body };",
      "a secret body is never an array; the types need the question",
    ],
    [
      "1 → add one",
      "const NOTHING: Uint8Array<ArrayBuffer> = offHeapBytes(1).subarray(0, 0);",
      "any room does for no bytes",
    ],
    [
      "0 → add one",
      "const NOTHING: Uint8Array<ArrayBuffer> = offHeapBytes(1).subarray(0, 0);",
      "of the two the start: from 1 to 0 there are no bytes either",
    ],
  ]),
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
  ...equivalent("features/key_files/contents.ts", [
    [
      "true → false",
      "key.expose((bytes) => refuseForeign(task, bytes as Uint8Array<ArrayBuffer>, true, true));",
      "the first of the two: whether all bytes are there counts only where formats are looked for, which the second keeps off",
    ],
    [
      "workOf(before) < workOf(usual) → <=",
      "return workOf(before) < workOf(usual) ? usual : before; // rounding up came to more than is opened here",
      "of equal work none is rounded up, and the line is not reached",
    ],
  ]),
  ...equivalent("features/key_files/known_formats.ts", [
    [
      "14 → add one",
      "const [extra, system] = [bytes[8], bytes[9] ?? 14];",
      "what has no tenth byte is shorter than 18, and no gzip",
    ],
    [
      "0 → add one",
      "for (let index = 0; index < octets; index++) value = value * 256 + (bytes[at + 2 + index] ?? 0);",
      "a length that is cut off goes on behind the end of the bytes, whatever it is",
    ],
  ]),
  ...equivalent("features/key_files/known_texts.ts", [
    [
      "start < bytes.length → <=",
      "while (start < bytes.length && isWhite(bytes[start] as number)) start += 1;",
      "behind the last byte there is none, and none is not white space",
    ],
    [
      "end > start → >=",
      "while (end > start && isWhite(bytes[end - 1] as number)) end -= 1;",
      "it makes a difference where there is no text, which is too short either way",
    ],
    [
      "index < bytes.length → <=",
      "for (let index = 2; index < bytes.length; index++) {",
      "behind the last byte there is none, and none is not a zero",
    ],
    [
      "bytes[index] === 0 → !==",
      "if (bytes[index] === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;",
      "where one byte of each pair is zero the other is not: counting these gives the same",
    ],
    [
      "next < bytes.length → <=",
      "while (next < bytes.length && isWhite(bytes[next] as number)) next += 1;",
      "behind the last byte there is none, and none is not white space",
    ],
    [
      "byte > 32 → >=",
      "const isVisible = (byte: number): boolean => byte > 32 && byte < 127;",
      "a space counts as white wherever visible bytes are asked for",
    ],
  ]),
];
