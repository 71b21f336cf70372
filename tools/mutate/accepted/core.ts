import { type Accepted, equivalent, noticedElsewhere } from "./explanation.ts";

export const CORE: readonly Accepted[] = [
  ...equivalent("core/arguments/argument_error.ts", [
    [
      'typeof error === "object" && error !== null → ||',
      'return typeof error === "object" && error !== null && OURS.has(error);',
      "a WeakSet has nothing but objects",
    ],
  ]),
  ...equivalent("core/arguments/check_bytes.ts", [
    [
      "length === 0 → true",
      "const lost = length === 0 ? loss(value) : null;",
      "what has bytes is valid, and has lost nothing",
    ],
    [
      "[0] → empty list",
      "Reflect.apply(includes, empty, [0]); // it throws for a view that is not valid",
      "it throws for what is not valid, whatever it looks for",
    ],
    [
      "0 → add one",
      "Reflect.apply(includes, empty, [0]); // it throws for a view that is not valid",
      "it throws for what is not valid, whatever it looks for",
    ],
    [
      "isShared(buffer) → false",
      "const detached = isShared(buffer) ? false : (read(readDetached, buffer) ?? true);",
      "shared memory is never detached and never shrinks, so that none comes here",
    ],
  ]),
  ...equivalent("core/arguments/kind_of.ts", [
    [
      "mark?.kind → drop ?.",
      "const kind = KINDS.find((known) => known === mark?.kind);",
      "reading nothing throws, and the catch gives the same",
    ],
    [
      "mark?.version → drop ?.",
      "if (kind === undefined || mark?.version !== 1 || mark.copy === undefined) return null;",
      "without a mark there is no kind, which is asked first",
    ],
    [
      "1 → add one",
      "return { version: 1, kind, copy: mark.copy };",
      "nobody reads the version of a mark that was checked",
    ],
  ]),
  ...equivalent("core/bytes.ts", [
    [
      "index < length → <=",
      "for (let index = 0; index < length; index++) {",
      "behind the last byte there is none, and none changes nothing",
    ],
  ]),
  ...equivalent("core/codec.ts", [
    [
      "left ^ right → &",
      "const same = (left: number, right: number): number => ~((left ^ right) | -(left ^ right)) >> 31;",
      "of two bytes that differ the other part is negative by itself",
    ],
    [
      "index < length → <=",
      "for (let index = 0; index < length; index++) {",
      "the text has no place behind its last byte",
    ],
    [
      "character - 48 → +",
      "return (digit & (character - 48)) | (letter & (lower - 87)) | ~(digit | letter);",
      "the value has 0x60 more, which is shifted or masked away",
    ],
    [
      "index < length → <=",
      "for (let index = 0; index < length; index += 3) {",
      "the text has no place behind its last byte",
    ],
    [
      "0 → add one",
      "((bytes[index + 1] ?? 0) << 8) |",
      "its bits are in a character that is not written",
    ],
    ["0 → add one", "(bytes[index + 2] ?? 0);", "its bits are in a character that is not written"],
    [
      "at < end → <=",
      "while (at < end) text[at++] = PADDING;",
      "the text has no place behind its last byte",
    ],
    [
      "0 → add one",
      "const third = left > 2 ? sextet(text[index + 2] as number) : 0;",
      "it is not read where there are two characters",
    ],
    [
      "0 → add one",
      "const fourth = left > 3 ? sextet(text[index + 3] as number) : 0;",
      "it is not read where there are three characters",
    ],
    [
      "left > 2 → true",
      "else if (left > 2) invalid |= third & 3;",
      "of two characters the third is 0",
    ],
    [
      "left > 2 → >=",
      "else if (left > 2) invalid |= third & 3;",
      "of two characters the third is 0",
    ],
  ]),
  ...equivalent("core/sealed_key_mark.ts", [
    [
      "at + pattern.length → -",
      "for (let at = 0; at + pattern.length <= bytes.length; at++) {",
      "behind the last byte there is none, and none is not a mark",
    ],
    [
      "length < MAGIC.length → <=",
      "if (length >= 4 && length < MAGIC.length && hasAt(bytes, start, MAGIC.slice(0, length)))",
      "the whole mark is found before",
    ],
    [
      "at < bytes.length → <=",
      "while (at < bytes.length && WHITE.includes(bytes[at] as number)) at += 1;",
      "behind the last byte there is none, and none is not white space",
    ],
    [
      "0 → add one",
      "return [3, 2, 1, 0].reduce((sum, index) => sum * 256 + (bytes[at + index] ?? 0), 0);",
      "where the field is cut off, no length fits",
    ],
    [
      "at < bytes.length → <=",
      "for (let at = 0; at < bytes.length; at++) {",
      "behind the last byte there is none, and none is not a digit",
    ],
    [
      "1 → add one",
      "return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;",
      "every negative number stands for no digit",
    ],
  ]),
  ...equivalent("core/standard/check_lender.ts", [
    [
      "a.rule < b.rule → <=",
      ".sort((a, b) => (a.rule < b.rule ? -1 : 1));",
      "no rule is there twice",
    ],
    ["1 → add one", ".sort((a, b) => (a.rule < b.rule ? -1 : 1));", "the sign alone counts", 2],
  ]),
  ...equivalent("core/stream_pieces.ts", [
    [
      "!isBytes(piece) → false",
      'if (!isBytes(piece)) throw wrongPiece("open", "a Uint8Array", piece);',
      "the next line refuses it in the same words",
    ],
    [
      "this.#taken > this.#piece.length → >=",
      'if (this.#taken > this.#piece.length) throw changed("open");',
      "the loop above goes on while they are equal",
    ],
    ["1024 → add one", "const SMALL_BYTES = 1024;", "any number above 96 does: see the comment"],
  ]),
  ...equivalent("core/close_together.ts", [
    [
      "regions.push(region) → .unshift",
      "else regions.push(region);",
      "a memory closes them in any order",
    ],
    [
      "protectAll === undefined → false",
      "if (protectAll === undefined) continue;",
      "calling nothing throws, and the catch goes on",
    ],
  ]),
  ...equivalent("core/creation_stack.ts", [
    [
      '"created" → empty text',
      'const { stack } = new Error("created");',
      "its line is the one that is left out",
    ],
  ]),
  ...noticedElsewhere(
    "core/expose_all.ts",
    (
      [
        [
          "[...views] → empty list",
          "return pending ? (untilSettled(result, all, [...views], regions) as T) : result;",
        ],
        [
          "{ const bytes = views[index]; if (bytes !== undefined) keepL → empty block",
          "for (const [index, secret] of secrets.entries()) {",
        ],
        ...["true", "false", "==="].map(
          (to) =>
            [
              `bytes !== undefined → ${to}`,
              "if (bytes !== undefined) keepLent(bytes, secret);",
            ] as const,
        ),
        [
          "keepLent(bytes, secret); → left out",
          "if (bytes !== undefined) keepLent(bytes, secret);",
        ],
      ] as const
    ).map(
      ([change, source]) =>
        [
          change,
          source,
          "collected.test.ts notices a secret that its view does not keep; it takes no part here",
        ] as const,
    ),
  ),
  ...equivalent("core/managed_region.ts", [
    [
      'this.#outcome("end"); → left out',
      'this.#outcome("end");',
      "it throws for a scope that is ended and was not open, which no caller does",
    ],
  ]),
  ...equivalent("core/memory_secrets.ts", [
    [
      "false → true",
      "let wiped = false;",
      "wiping throws for no source that was checked, and else says whether it wiped",
    ],
  ]),
  ...equivalent("core/open_secrets.ts", [
    [
      "2 → add one",
      'index === memories.length - 1 ? 2 : Number(reasons[index] !== "");',
      "any number above 1 is the last turn",
    ],
  ]),
  ...noticedElsewhere("core/registry.ts", [
    [
      "this.#vacate(); → left out",
      "this.#vacate();",
      "of the two one: books without a secret stay in a list, which shows in memory alone",
    ],
  ]),
  ...equivalent("core/stream_pieces.ts", [
    [
      "count === length → false",
      "if (count === length) copyBytes(target, bytes, at);",
      "the ways below copy the same, and take longer",
    ],
    [
      "length > SMALL_BYTES → false",
      "else if (length > SMALL_BYTES) {",
      "the loop below copies the same, and takes longer",
    ],
  ]),
  ...equivalent("core/standard/lender.ts", [
    [
      '"none" → empty text',
      'let ending = "none" as "none" | "returned" | "threw"; // of `use`',
      "it is asked for the two others alone",
    ],
    [
      '"over" → empty text',
      'state = "over"; // what it returned may have getters, which are code of the lender',
      "it is asked for the two others alone",
    ],
    ['"over" → empty text', 'state = "over";', "it is asked for the two others alone"],
    [
      "0 → add one",
      "return frames === 0 ? 0 : 1 + reserveStack(frames - 1);",
      "nobody reads the number, and a frame more or less is none of the margin",
      2,
    ],
    [
      "1 + reserveStack(frames - 1) → -",
      "return frames === 0 ? 0 : 1 + reserveStack(frames - 1);",
      "nobody reads the number",
    ],
    [
      "1 → add one",
      "return frames === 0 ? 0 : 1 + reserveStack(frames - 1);",
      "nobody reads the number, and half of the frames are several copies still",
      2,
    ],
    ["200 → add one", "const RESERVED_FRAMES = 200;", "any number well above 20 does"],
  ]),
];
