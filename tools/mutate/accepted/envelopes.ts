import { type Accepted, equivalent, noticedElsewhere } from "./explanation.ts";

export const ENVELOPES: readonly Accepted[] = [
  ...equivalent("features/envelopes/armor.ts", [
    [
      "at < bytes.length → <=",
      "while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;",
      "behind the last byte there is none, and so no white space",
    ],
    [
      '"format" → empty text',
      'const codec = codecFor("base64", "format");',
      "the codec names it in an error that cannot come here",
    ],
    [
      "0 → add one",
      "const last = text.at(-1)?.length ?? 0;",
      "of no lines nothing is decoded, which is refused in the same words",
    ],
    [
      '"read" → empty text',
      'const codec = codecFor("base64", "read");',
      "the codec names it in an error that cannot come here",
    ],
    [
      "start <= bytes.length → <",
      "for (let start = 0; start <= bytes.length; ) {",
      "the text ends with no line feed, since white space was taken off",
    ],
    [
      "feed < 0 → <=",
      "const end = feed < 0 ? bytes.length : feed;",
      "the text begins with no line feed, since white space was taken off",
    ],
    [
      "0 → add one",
      "const end = feed < 0 ? bytes.length : feed;",
      "the text begins with no line feed, since white space was taken off",
    ],
    [
      "feed > start → >=",
      "const isCrLf = feed > start && bytes[feed - 1] === 13;",
      "before an empty line there is a line feed",
    ],
    [
      "line?.length → drop ?.",
      "return line?.length === text.length && hasAt(line, 0, text);",
      "there is always a line",
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
