import { type Accepted, equivalent, noticedElsewhere } from "./explanation.ts";

export const ENVELOPES: readonly Accepted[] = [
  ...equivalent("features/envelopes/armor.ts", [
    ["65_536 → add one", "const PIECE_BYTES = 65_536;", "pieces of any length give the same bytes"],
    [
      '"format" → empty text',
      'const codec = codecFor("base64", "format");',
      "the codec names it in an error that cannot come here",
    ],
    [
      "at < bytes.length → <=",
      "for (let at = 0; at < bytes.length; at += PIECE_BYTES) {",
      "a piece of nothing changes nothing",
    ],
  ]),
  ...equivalent("features/envelopes/armor_reader.ts", [
    [
      "at < bytes.length → <=",
      "while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;",
      "behind the last byte there is none, and so no white space",
    ],
    [
      "this.#kept.length === 0 → false",
      "let text = this.#kept.length === 0 ? piece : joined(this.#kept, piece);",
      "joined to nothing it is a copy",
    ],
    ["text = NOTHING; → left out", "text = NOTHING;", "white space is read past once more"],
    [
      "feed < 0 → <=",
      "if (feed < 0) {",
      "a line without a byte is kept, and refused with what follows or at the end",
    ],
    [
      "0 → add one",
      "if (feed < 0) {",
      "a line without a byte is kept, and refused with what follows or at the end",
    ],
    [
      "feed > start → >=",
      "return within(text, start, feed > start && text[feed - 1] === RETURN ? feed - 1 : feed);",
      "before an empty line there is a line feed",
    ],
    [
      '"read" → empty text',
      'const codec = codecFor("base64", "read");',
      "the codec names it in an error that cannot come here",
    ],
  ]),
  ...equivalent("features/envelopes/armor_stream.ts", [
    [
      "COLUMNS / 4 → *",
      "const LINE_BYTES = (COLUMNS / 4) * 3;",
      "a multiple of a line gives the same lines, later",
    ],
    [
      "bytes.length > 0 → true",
      "if (bytes.length > 0) yield bytes;",
      "a piece of nothing changes nothing",
    ],
    [
      "bytes.length > 0 → >=",
      "if (bytes.length > 0) yield bytes;",
      "a piece of nothing changes nothing",
    ],
    [
      "full > 0 → true",
      "if (full > 0) yield encodeLines(within(bytes, 0, full));",
      "a piece of nothing changes nothing",
    ],
    [
      "full > 0 → >=",
      "if (full > 0) yield encodeLines(within(bytes, 0, full));",
      "a piece of nothing changes nothing",
    ],
    [
      "0 → add one",
      "if (full > 0) yield encodeLines(within(bytes, 0, full));",
      "it is 0, or at least a line",
    ],
    [
      "rest.length === 0 → false",
      "yield joined(rest.length === 0 ? [] : encodeLines(rest), END, [LINE_FEED]);",
      "of no bytes there are no lines",
    ],
  ]),
  ...equivalent("features/envelopes/base64.ts", [
    [
      "at < bytes.length → <=",
      "for (let at = 0; at < bytes.length; at += 4096) {",
      "of no bytes there is no text",
    ],
    [
      "at < text.length → <=",
      "for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);",
      "the array has no place behind its last byte",
    ],
  ]),
  ...equivalent("features/envelopes/bech32.ts", [
    [
      "left ^ right → &",
      "const same = (left: number, right: number): number => ~((left ^ right) | -(left ^ right)) >> 31;",
      "of two bytes that differ the other part is negative by itself",
    ],
    [
      "1 → add one",
      "~below(value, first) & below(value, last + 1);",
      "what follows a range is not in the alphabet",
    ],
    ["0 → add one", "let [group, bits] = [0, 0];", "a bit above those that are taken"],
    ["0 → add one", "let [group, bits, at] = [0, 0, 0];", "a bit above those that are taken"],
    [
      "index < CHECKSUM → <=",
      "for (let index = 0; index < CHECKSUM; index++) {",
      "the text has no place behind its last character",
    ],
    [
      "index < 32 → <=",
      "for (let index = 0; index < 32; index++) {",
      "the alphabet has 32 characters",
      2,
    ],
    [
      "32 → add one",
      "for (let index = 0; index < 32; index++) {",
      "the alphabet has 32 characters",
      2,
    ],
    [
      "122 → add one",
      "return character - (range(character, 97, 122) & upper);",
      "nothing of the alphabet follows z",
    ],
    [
      "90 → add one",
      "const isLetter = upper ? range(character, 65, 90) : range(character, 97, 122);",
      "what follows Z is not in the alphabet",
    ],
    [
      "122 → add one",
      "const isLetter = upper ? range(character, 65, 90) : range(character, 97, 122);",
      "what follows z is not in the alphabet",
    ],
    [
      "57 → add one",
      "return value | ~(isLetter | range(character, 48, 57));",
      "what follows 9 is not in the alphabet",
    ],
    [
      "index < GENERATOR.length → <=",
      "for (let index = 0; index < GENERATOR.length; index++) {",
      "behind the last there is none, which changes nothing",
    ],
  ]),
  ...equivalent("features/envelopes/header_buffer.ts", [
    [
      "this.#length - taken < VERSION_BYTES → <=",
      "if (this.#length >= VERSION_BYTES && this.#length - taken < VERSION_BYTES) this.#checkStart();",
      "the start may be checked twice",
    ],
  ]),
  ...equivalent("features/envelopes/identity_file.ts", [
    [
      "start < bytes.length → <=",
      "for (let start = 0; start < bytes.length; ) {",
      "one empty line more at the end, which counts as none",
    ],
    [
      "end > start → >=",
      "const isCrLf = end > start && bytes[end - 1] === RETURN;",
      "before an empty line there is a line feed",
    ],
  ]),
  ...equivalent("features/envelopes/payload.ts", [
    ["at >= 4 → >", "for (let at = 10; at >= 4; at--) {", "no payload has 2^48 chunks"],
    ["4 → add one", "for (let at = 10; at >= 4; at--) {", "no payload has 2^48 chunks"],
  ]),
  ...equivalent("features/envelopes/stanza.ts", [
    [
      "at - 1 → +",
      "const isBetween = byte === SPACE && at > 0 && text[at - 1] !== SPACE && at < text.length - 1;",
      "of two spaces that follow each other the first is refused instead of the second",
    ],
  ]),
  ...noticedElsewhere("features/envelopes/parse_identities.ts", [
    [
      "hasAt(bytes, 0, PEM) → nothing",
      "const isPem = file.expose((bytes) => hasAt(bytes, 0, PEM));",
      "ssh.test.ts reads keys of ssh-keygen, which it starts",
    ],
    [
      "0 → add one",
      "const isPem = file.expose((bytes) => hasAt(bytes, 0, PEM));",
      "ssh.test.ts reads keys of ssh-keygen, which it starts",
    ],
    [
      "isPem → false",
      "if (isPem) return [identityOfKeyFile(context, file, passphrase)];",
      "ssh.test.ts reads keys of ssh-keygen, which it starts",
    ],
  ]),
];
